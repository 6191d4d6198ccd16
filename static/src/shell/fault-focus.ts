/**
 * After a form was sent off with something wrong in it, the first wrong field is brought into sight and gets the focus: on a phone
 * the button is often a screen below the mistake, and nothing would seem to happen.
 */
const RENDERED = 60

export function focusFaults(page: Document): void {
  page.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLElement)) return
    setTimeout(() => {
      const wrong = form.querySelector<HTMLElement>('[aria-invalid="true"]')
      wrong?.focus({ preventScroll: true })
      wrong?.scrollIntoView({ block: 'center' })
    }, RENDERED)
  })
}
