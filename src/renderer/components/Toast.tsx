import { Trash2, Undo2 } from 'lucide-react';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';

import { Button } from './Button';
import { errorSentence } from './ErrorBlock';
import { isMac, shortcutLabel } from './platform';
import { StateGlyph } from './StateGlyph';
import { useNow } from './use-now';

/** Something that was done and can be taken back for ten seconds: the only thing a toast is for. */
export interface Toast {
  readonly text: string;
  /** Takes it back. Why it could not be is said in the toast's place. */
  readonly onUndo: () => Promise<unknown>;
  /** The pointer or the focus is on the toast: the undo stays possible for ten more seconds. Rejects when it no longer is. */
  readonly onHold: () => Promise<unknown>;
}

interface Shown extends Toast {
  readonly id: number;
  readonly problem?: string;
  readonly undoing?: boolean;
}

const SHOWN_MS = 10_000;
/** How often `onHold` is called while a toast is held, ms. */
const HOLD_MS = 4000;
const ToastContext = createContext<((toast: Toast) => void) | undefined>(undefined);

/** Shows a toast with an undo. Several stand above each other, each with its own. */
export function useToast(): (toast: Toast) => void {
  const show = useContext(ToastContext);
  if (!show) throw new Error('useToast needs a ToastHost above it.');
  return show;
}

/** Holds the toasts at the bottom of the window. All of them wait while the pointer or the focus is on one. */
export function ToastHost({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const [held, setHeld] = useState(false);
  const next = useRef(0);
  const before = useRef<Element | null>(null);
  const show = useCallback((toast: Toast) => {
    next.current += 1;
    const id = next.current;
    setToasts((all) => [...all, { ...toast, id }]);
  }, []);
  const change = useCallback((id: number, changes: Partial<Shown>) => {
    setToasts((all) => all.map((toast) => (toast.id === id ? { ...toast, ...changes } : toast)));
  }, []);
  const close = useCallback((id: number) => {
    setToasts((all) => all.filter((toast) => toast.id !== id));
  }, []);
  const undo = useCallback(
    (toast: Shown) => {
      if (toast.undoing) return;
      change(toast.id, { undoing: true });
      toast.onUndo().then(
        () => close(toast.id),
        (error: unknown) => change(toast.id, { problem: errorSentence(error), undoing: false }),
      );
    },
    [change, close],
  );
  const newest = toasts.findLast(({ problem }) => problem === undefined);
  useUndoKey(newest ? () => undo(newest) : undefined);
  const box = useRef<HTMLFieldSetElement>(null);
  const count = toasts.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a toast that is gone took the pointer or the focus with it
  useEffect(() => {
    if (box.current?.matches(':hover, :focus-within')) return;
    setHeld(false);
    if (!(before.current instanceof HTMLElement) || document.activeElement !== document.body)
      return;
    // The person goes on where they were.
    before.current.focus();
    before.current = null;
  }, [count]);
  return (
    <ToastContext value={show}>
      {children}
      <div className="pointer-events-none fixed inset-x-0 bottom-5 z-30 flex justify-center px-5">
        <fieldset
          ref={box}
          aria-label="Undo"
          hidden={count === 0}
          className="pointer-events-auto flex min-w-0 flex-col items-center gap-2"
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={(event) => {
            const inside = event.currentTarget.contains(event.relatedTarget);
            if (!inside) before.current = event.relatedTarget;
            setHeld(true);
          }}
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) setHeld(false);
          }}
        >
          {toasts.map((toast) => (
            <ToastView key={toast.id} toast={toast} held={held} onUndo={undo} onClose={close} />
          ))}
        </fieldset>
      </div>
      <p role="status" className="sr-only">
        {newest && `${newest.text}. Press ${shortcutLabel('Z')} to undo.`}
      </p>
    </ToastContext>
  );
}

interface ToastViewProps {
  readonly toast: Shown;
  readonly held: boolean;
  readonly onUndo: (toast: Shown) => void;
  readonly onClose: (id: number) => void;
}

function ToastView({ toast, held, onUndo, onClose }: ToastViewProps) {
  const { id, text, problem, undoing = false } = toast;
  const left = useSecondsLeft(toast, held, onClose);
  if (problem !== undefined) {
    return (
      <div role="alert" className={`${BOX} max-w-full py-2`}>
        <StateGlyph glyph="failed" />
        <span className="wrap-anywhere">{problem}</span>
        <Button kind="plain" onClick={() => onClose(id)}>
          Close
        </Button>
      </div>
    );
  }
  return (
    <div className={`${BOX} h-10 max-w-full`}>
      <Trash2 aria-hidden="true" size={16} strokeWidth={1.5} className="shrink-0 text-text-2" />
      <span className="truncate">{text}</span>
      <Button
        writes
        icon={<Undo2 aria-hidden="true" size={14} strokeWidth={1.5} />}
        busy={undoing}
        aria-label={`Undo: ${text}`}
        aria-keyshortcuts={isMac() ? 'Meta+Z' : 'Control+Z'}
        onClick={() => onUndo(toast)}
      >
        Undo
      </Button>
      <span aria-hidden="true" className="w-7 shrink-0 text-small text-text-2">
        {left} s
      </span>
    </div>
  );
}

const BOX =
  'flex min-w-0 animate-pop items-center gap-3 rounded-group bg-bg-pop pr-3 pl-3.5 shadow-pop';

/** Whole seconds until the toast closes by itself; the count starts again after it was held. */
function useSecondsLeft(
  { id, onHold, problem, undoing = false }: Shown,
  held: boolean,
  onClose: (id: number) => void,
): number {
  const [until, setUntil] = useState(() => Date.now() + SHOWN_MS);
  const hold = useRef(onHold);
  const wasHeld = useRef(false);
  const isStill = undoing || problem !== undefined;
  const now = useNow(!held && !isStill);
  useEffect(() => {
    if (isStill) return;
    const tell = (): void => void hold.current().catch(() => onClose(id)); // it is over: nothing to undo
    if (held || wasHeld.current) tell();
    wasHeld.current = held;
    setUntil(Date.now() + SHOWN_MS);
    const timer = held ? setInterval(tell, HOLD_MS) : setTimeout(() => onClose(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, id, isStill, onClose]);
  return held ? SHOWN_MS / 1000 : Math.max(1, Math.ceil((until - now) / 1000));
}

/** Cmd-Z takes the newest back, except where the key is for the text that is typed. */
function useUndoKey(undo: (() => void) | undefined): void {
  useEffect(() => {
    if (!undo) return;
    const handleKey = (event: KeyboardEvent): void => {
      const command = isMac() ? event.metaKey : event.ctrlKey;
      if (event.key !== 'z' || !command || event.altKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest('input, textarea')) return;
      event.preventDefault();
      undo();
    };
    window.addEventListener('keydown', handleKey);
    return () => window.removeEventListener('keydown', handleKey);
  }, [undo]);
}
