import type { ContextMenuParams } from 'electron';

import { menuText } from './menu-text';

/** What of a place in the page decides its menu. */
export type ContextFacts = Pick<
  ContextMenuParams,
  'isEditable' | 'selectionText' | 'linkURL' | 'editFlags'
>;

/** An item of a context menu; `look-up` and `copy-link` are ours, the rest the system does by itself. */
export type ContextItem =
  | { readonly type: 'separator' }
  | {
      readonly type: 'role';
      readonly role: 'cut' | 'copy' | 'paste' | 'selectAll';
      readonly enabled: boolean;
    }
  | { readonly type: 'look-up'; readonly label: string }
  | { readonly type: 'copy-link'; readonly label: string; readonly url: string };

/** Longest selection in the label of Look Up. */
const LABEL_LENGTH = 25;

/**
 * Pure: the menu of a right click on text, a field or a link, in macOS's order; empty where there is nothing to do, and
 * then none is shown.
 */
export function contextMenu(facts: ContextFacts, canLookUp: boolean): ContextItem[] {
  const { isEditable, linkURL, editFlags } = facts;
  const selection = facts.selectionText.trim();
  const items: ContextItem[] = [];
  if (selection !== '' && canLookUp) {
    items.push({ type: 'look-up', label: `Look Up “${shortened(selection)}”` });
    items.push({ type: 'separator' });
  }
  if (/^https?:/.test(linkURL)) items.push({ type: 'copy-link', label: 'Copy Link', url: linkURL });
  if (isEditable) {
    items.push({ type: 'role', role: 'cut', enabled: editFlags.canCut });
    items.push({ type: 'role', role: 'copy', enabled: editFlags.canCopy });
    items.push({ type: 'role', role: 'paste', enabled: editFlags.canPaste });
    items.push({ type: 'separator' });
    items.push({ type: 'role', role: 'selectAll', enabled: editFlags.canSelectAll });
  } else if (selection !== '') items.push({ type: 'role', role: 'copy', enabled: true });
  return items;
}

function shortened(text: string): string {
  const line = menuText(text);
  return line.length > LABEL_LENGTH ? `${line.slice(0, LABEL_LENGTH).trimEnd()}…` : line;
}
