/** What can be changed in a row: a field, a switch, or the chosen one of several. */
const CONTROL = 'input, textarea, [role="switch"], [role="radio"][aria-checked="true"]';

/** Puts the focus on the control of a setting's row: where it has only buttons, on the last. */
export function focusControl(row: Element | null | undefined): void {
  const control = row?.querySelector<HTMLElement>(CONTROL);
  (control ?? [...(row?.querySelectorAll('button') ?? [])].at(-1))?.focus();
}
