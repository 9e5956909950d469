import { useState } from 'react';

import { useConnection } from '@renderer/api/api-context';
import { Button } from '@renderer/components/Button';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { FormGroup, FormRow } from '@renderer/components/Form';

/** Ends the login of this browser, or of all of them; then the login page is shown. */
export function BrowserGroup() {
  const { logout } = useLogout();
  const here = useEnding(() => logout(false));
  const everywhere = useEnding(() => logout(true));
  const [asking, setAsking] = useState(false);
  return (
    <FormGroup title="Browser login">
      <FormRow
        label="This browser"
        hint="You need the token to log in again"
        problem={here.problem}
      >
        <Button writes size="small" busy={here.busy} onClick={here.end}>
          Log out
        </Button>
      </FormRow>
      <FormRow label="All browsers" hint="Also ends logins on other devices">
        <Button writes size="small" onClick={() => setAsking(true)}>
          Log out everywhere…
        </Button>
      </FormRow>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Log out everywhere?"
        confirmLabel="Log out everywhere"
        busy={everywhere.busy}
        problem={everywhere.problem}
        onConfirm={everywhere.end}
      >
        <p>
          Every browser, including this one, needs the token to log in again. Servers, downloads and
          apps that use the token aren't affected.
        </p>
      </ConfirmDialog>
    </FormGroup>
  );
}

/** Whether this is a page that somebody logged in to, and how that ends. */
export function useLogout(): {
  canLogOut: boolean;
  logout: (everywhere: boolean) => Promise<void>;
} {
  const connection = useConnection();
  return {
    canLogOut: connection.logout !== undefined,
    logout: async (everywhere) => connection.logout?.(everywhere),
  };
}

function useEnding(run: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const end = (): void => {
    setBusy(true);
    setProblem(undefined);
    run()
      .catch((error: unknown) => setProblem(errorSentence(error)))
      .finally(() => setBusy(false));
  };
  return { busy, problem, end };
}
