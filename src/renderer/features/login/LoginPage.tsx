import { Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';

import { useConnection } from '@renderer/api/api-context';
import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { StateGlyph } from '@renderer/components/StateGlyph';

/** Prints the token wherever its output goes; `status` alone does so on a terminal. */
const COMMAND = 'mlx-manager status --show-token';

interface LoginPageProps {
  /** Why a token from the address was refused. */
  readonly problem: string | undefined;
}

/** Asks for the manager's token, once per browser. */
export function LoginPage({ problem: first }: LoginPageProps) {
  const connection = useConnection();
  const [token, setToken] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(first);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);
  useEffect(() => setProblem(first), [first]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || token.trim() === '') return;
    setBusy(true);
    const result = await connection.login(token.trim());
    setBusy(false);
    setProblem(result.accepted ? undefined : result.message);
    if (!result.accepted) field.current?.select();
  };

  return (
    <main className="flex h-full items-center justify-center overflow-y-auto p-5">
      <div className="w-80 max-w-full">
        <div className="flex flex-col items-center text-center">
          <img src="./icon.svg" alt="" width={64} height={64} />
          <h1 className="mt-4 text-title font-semibold">{window.location.hostname}</h1>
          <p className="mt-1 text-text-2">Enter the access token to open MLX Manager.</p>
        </div>
        <form onSubmit={submit} className="mt-6">
          <label htmlFor={id} className="text-small font-medium">
            Token
          </label>
          <span className="mt-1 flex h-8 items-center rounded-button border border-border bg-field px-2.5 focus-within:field-focus">
            <input
              ref={field}
              id={id}
              type={shown ? 'text' : 'password'}
              autoComplete="current-password"
              spellCheck={false}
              value={token}
              onChange={(event) => setToken(event.target.value)}
              aria-invalid={problem ? true : undefined}
              aria-describedby={problem ? `${id}-problem` : undefined}
              className="selectable min-w-0 flex-1 bg-transparent outline-none focus-visible:outline-none"
            />
            <button
              type="button"
              aria-label={shown ? 'Hide token' : 'Show token'}
              onClick={() => setShown(!shown)}
              className="rounded-tag text-text-2"
            >
              {shown ? <EyeOff size={14} strokeWidth={1.5} /> : <Eye size={14} strokeWidth={1.5} />}
            </button>
          </span>
          <div aria-live="polite">
            {problem && (
              <p
                id={`${id}-problem`}
                className="mt-1.5 flex items-center gap-1.5 text-small text-broken-text"
              >
                <StateGlyph glyph="failed" size={12} />
                {problem}
              </p>
            )}
          </div>
          <Button
            kind="primary"
            size="large"
            type="submit"
            className="mt-3 w-full"
            busy={busy}
            reason={token.trim() === '' ? 'Enter the token first' : undefined}
          >
            Open
          </Button>
        </form>
        <p className="mt-6 border-t border-sep pt-4 text-small text-text-2">
          To show the token, run this on {window.location.hostname}:
        </p>
        <div className="mt-2 flex h-9 items-center justify-between rounded-segment bg-bg-group pr-1.5 pl-3">
          <code className="selectable font-mono text-small">{COMMAND}</code>
          <CopyButton text={COMMAND} label="Copy command" />
        </div>
        <p className="mt-2 text-small text-text-2">
          In a checkout of MLX Manager, put <code className="font-mono">npx</code> before it.
        </p>
      </div>
    </main>
  );
}
