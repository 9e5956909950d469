import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

import { Button, IconButton } from './Button';

/** Puts text on the clipboard; pages without that right (plain HTTP) use the selection instead. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'fixed opacity-0';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error("The browser didn't allow copying.");
}

const SHOWN_MS = 1500;

/** Whether the last copy worked, for a moment. */
export function useCopied(): ['idle' | 'copied' | 'refused', (text: string) => void] {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (text: string) => {
    copyText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  };
  return [state, copy];
}

interface CopyButtonProps {
  readonly text: string | (() => string);
  /** What is copied, e.g. `Copy address`. */
  readonly label: string;
  readonly size?: 'regular' | 'small';
  /** Shows the label as a button instead of the icon alone. */
  readonly labelled?: boolean;
  readonly kind?: 'secondary' | 'plain';
}

/** Copies, and shows for a moment that it did. */
export function CopyButton({
  text,
  label,
  size = 'small',
  labelled = false,
  kind = 'secondary',
}: CopyButtonProps) {
  const [state, copy] = useCopied();
  const act = () => copy(typeof text === 'string' ? text : text());
  const shown =
    state === 'copied' ? 'Copied' : state === 'refused' ? 'Not allowed by the browser' : label;
  const Icon = state === 'copied' ? Check : Copy;
  if (labelled) {
    return (
      <Button kind={kind} size={size} onClick={act}>
        <span aria-live="polite">{shown}</span>
      </Button>
    );
  }
  return (
    <IconButton label={shown} size={size} onClick={act}>
      <Icon size={14} strokeWidth={1.5} />
    </IconButton>
  );
}
