"""What is wrong with a page for large thumbs and old eyes, measured in the page itself: text under 14 px, targets under 44 px,
and anything that makes it scroll sideways. Links inside a line of text are exempt, as in WCAG 2.5.8."""

from collections.abc import Sequence
from typing import cast

from playwright.async_api import Page

SIZES = ((360, 780), (390, 844), (1280, 800))

_FAULTS = """async () => {
  const frame = () => new Promise(requestAnimationFrame)
  await frame()
  await frame()
  const name = (element) => {
    const words = (element.getAttribute('aria-label') || element.textContent || element.placeholder || '').trim().slice(0, 24)
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${words}`
  }
  const shown = (element) => {
    const { width, height } = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    const meant = element.closest('[aria-hidden=true], .sr-only, .skip') === null
    return width > 1 && height > 1 && style.visibility === 'visible' && meant
  }
  const faults = []
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 0) {
    const out = [...document.body.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5)
    faults.push(`${wide} px too wide: ${out.slice(0, 3).map(name).join(', ')}`)
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (!texts.currentNode.data.trim() || /^(SCRIPT|STYLE|TITLE|OPTION)$/.test(element.tagName) || !shown(element)) continue
    const size = parseFloat(getComputedStyle(element).fontSize)
    if (size < 14) faults.push(`text of ${size} px: ${name(element)}`)
  }
  const targets = 'a[href], button, input, select, textarea, summary, [role=button], [role=switch], [role=tab], [role=slider]'
  for (const target of document.body.querySelectorAll(targets)) {
    const of = target.matches('[type=radio], [type=checkbox], [type=file]') ? target.closest('label') ?? target : target
    if (!shown(of)) continue
    if (target.tagName === 'A' && getComputedStyle(target).display === 'inline') continue
    const { width, height } = of.getBoundingClientRect()
    if (width >= 43.5 && height >= 43.5) continue
    if (!reaches(of)) faults.push(`target of ${Math.round(width)} × ${Math.round(height)} px: ${name(of)}`)
  }
  return faults

  // What looks smaller may still be pressed all around: asked of the page, 21 px from its middle to each side.
  function reaches(target) {
    target.scrollIntoView({ block: 'center', inline: 'center' })
    const { left, top, width, height } = target.getBoundingClientRect()
    const [x, y] = [left + width / 2, top + height / 2]
    const points = [[x - Math.max(21, width / 2 - 1), y], [x + Math.max(21, width / 2 - 1), y], [x, y - 21], [x, y + 21]]
    return points.every(([across, down]) => {
      const hit = document.elementFromPoint(across, down)
      return hit !== null && (target.contains(hit) || hit.closest('label')?.contains(target) === true)
    })
  }
}"""


async def faults_of(page: Page, sizes: Sequence[tuple[int, int]] = SIZES) -> list[str]:
    """What is wrong at each size, with the size before it. The page is left at the last one."""
    found: list[str] = []
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        found += [f"{width}: {fault}" for fault in cast("list[str]", await page.evaluate(_FAULTS))]
    return found


async def fits(*pages: Page) -> None:
    """On phones and desktops: nothing too wide, no text too small, no target too small for a thumb."""
    found = [f"{page.url} at {fault}" for page in pages for fault in await faults_of(page)]
    assert not found, "\n".join(found)
