"""The ledger put to the test: a workload that any number of processes can run and be killed in, and a checker that knows
nothing of the code it checks but the tables."""
