"""What import-linter cannot say by itself: whoever wants something of a package of ours asks its root.

No package is named here or in pyproject.toml but those that have no door, so a new feature is held to it from its first day.
"""

from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils


class EnteredByRoot(Contract):
    """No module imports what lies inside another child of the root package.

    - without_door: packages whose modules anybody may import
    - ignore_imports: as in import-linter's own contracts; one that matches nothing is an error
    """

    type_name = "entered_by_root"
    without_door = fields.SetField(subfield=fields.StringField())
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph, verbose):
        contract_utils.remove_ignored_imports_and_report(
            graph=graph, ignore_imports=self.ignore_imports, unmatched_alerting=contract_utils.AlertLevel.ERROR
        )
        (root,) = self.session_options["root_packages"]
        entered = [
            (importer, imported)
            for package in graph.find_children(root) - self.without_door
            for imported in graph.find_descendants(package)
            for importer in graph.find_modules_that_directly_import(imported)
            if importer != package and not importer.startswith(f"{package}.")
        ]
        return ContractCheck(kept=not entered, metadata={"entered": sorted(entered)})

    def render_broken_contract(self, check):
        for importer, imported in check.metadata["entered"]:
            output.print_error(f"- {importer} -> {imported}: import it from {'.'.join(imported.split('.')[:2])}", bold=False)
