import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Button } from './Button';

export interface Toast {
  readonly text: string;
  readonly actionLabel: string;
  readonly onAction: () => void;
  /** Called when the time to undo is over or another toast takes the place. */
  readonly onExpire?: () => void;
}

const SHOWN_MS = 10_000;
const ToastContext = createContext<((toast: Toast) => void) | undefined>(undefined);

/** Shows a toast with an undo: the only thing a toast is for. */
export function useToast(): (toast: Toast) => void {
  const show = useContext(ToastContext);
  if (!show) throw new Error('useToast needs a ToastHost above it.');
  return show;
}

/** Holds the one toast at the bottom of the window. */
export function ToastHost({ children }: { readonly children: ReactNode }) {
  const [toast, setToast] = useState<Toast>();
  const current = useRef<Toast>(undefined);
  const show = useCallback((next: Toast) => {
    current.current?.onExpire?.();
    current.current = next;
    setToast(next);
  }, []);
  const close = useCallback((acted: boolean) => {
    const ended = current.current;
    current.current = undefined;
    setToast(undefined);
    if (acted) ended?.onAction();
    else ended?.onExpire?.();
  }, []);
  const value = useMemo(() => show, [show]);
  return (
    <ToastContext value={value}>
      {children}
      <div role="status" className="pointer-events-none fixed inset-x-0 bottom-5 z-30 flex">
        {toast && <ToastView key={toast.text} toast={toast} onClose={close} />}
      </div>
    </ToastContext>
  );
}

interface ToastViewProps {
  readonly toast: Toast;
  readonly onClose: (acted: boolean) => void;
}

/** Waits while the pointer or the focus is on it. */
function ToastView({ toast, onClose }: ToastViewProps) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => onClose(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, onClose]);
  return (
    <fieldset
      aria-label="Undo"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto mx-auto flex h-10 animate-pop items-center gap-3 rounded-group bg-bg-pop pr-1.5 pl-3.5 shadow-pop"
    >
      <span>{toast.text}</span>
      <Button kind="plain" onClick={() => onClose(true)}>
        {toast.actionLabel}
      </Button>
    </fieldset>
  );
}
