/** A new step in an open sheet: the keyboard and the eye go on at its top, since the button that led here is gone. */
export function begin(step: HTMLElement | null): void {
  if (step === null) return
  step.focus({ preventScroll: true })
  for (let box = step.parentElement; box !== null; box = box.parentElement) box.scrollTop = 0
}
