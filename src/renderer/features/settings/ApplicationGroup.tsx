import { Button } from '@renderer/components/Button';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { FormGroup, FormRow } from '@renderer/components/Form';
import { Switch } from '@renderer/components/Switch';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import type { DesktopState, UpdateState } from '@shared/domain/desktop';
import type { NotificationKind } from '@shared/domain/settings';
import { formatPercent } from '@shared/format/counts';
import { formatDay } from '@shared/format/dates';
import { SettingRow } from './SettingRow';
import { useSetting } from './use-setting';

const KINDS: readonly { readonly kind: NotificationKind; readonly label: string }[] = [
  { kind: 'failures', label: 'Server failed' },
  { kind: 'installations', label: 'Engine installed or failed' },
  { kind: 'downloads', label: 'Download finished or failed' },
  { kind: 'updates', label: 'Update ready' },
];

/** What the application does beside the window: notifications, sleep, updates, the command line. */
export function ApplicationGroup() {
  const desktop = useLive((data) => data.desktop);
  const notifications = useSetting('notifications');
  const keepAwake = useSetting('keepAwake');
  const reason = desktop ? undefined : DESKTOP_ONLY;
  const { value } = notifications;
  return (
    <FormGroup title="Application">
      <SettingRow setting={notifications} hint={reason ?? 'Shown when the window isn’t in front'}>
        <span className="flex flex-col items-end gap-1.5 py-1">
          {KINDS.map(({ kind, label }) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: the switch is inside
            <label key={kind} className="flex items-center gap-2 text-small">
              {label}
              <Switch
                writes
                aria-label={label}
                checked={value.includes(kind)}
                disabled={reason !== undefined}
                onChange={(on) =>
                  notifications.set(on ? [...value, kind] : value.filter((other) => other !== kind))
                }
              />
            </label>
          ))}
        </span>
      </SettingRow>
      <SettingRow
        setting={keepAwake}
        hint={
          reason ??
          'Prevents sleep while a server is loading or answering, an engine is installing, or a model is downloading'
        }
      >
        <Switch
          writes
          checked={keepAwake.value}
          disabled={reason !== undefined}
          onChange={keepAwake.set}
        />
      </SettingRow>
      <Updates update={desktop?.update} />
      <CommandLine tool={desktop?.commandLine} />
    </FormGroup>
  );
}

function Updates({ update }: { readonly update: UpdateState | undefined }) {
  const checks = useSetting('checkForUpdates');
  const check = useRpcCommand('desktop.checkForUpdate');
  const install = useRpcCommand('desktop.installUpdate');
  const problem = check.error ?? install.error;
  const off = !update || update.state === 'off';
  return (
    <>
      <SettingRow
        setting={checks}
        hint={off ? (update?.message ?? DESKTOP_ONLY) : 'Every six hours'}
      >
        <Switch writes checked={checks.value} disabled={off} onChange={checks.set} />
      </SettingRow>
      {update && !off && (
        <FormRow
          label="Version"
          hint={updateText(update)}
          problem={problem ? errorSentence(problem) : undefined}
        >
          {update.state === 'ready' ? (
            <Button writes size="small" kind="primary" onClick={() => install.mutate({})}>
              Restart to update
            </Button>
          ) : (
            <Button
              writes
              size="small"
              busy={update.state === 'checking' || update.state === 'downloading'}
              onClick={() => check.mutate({})}
            >
              Check now
            </Button>
          )}
        </FormRow>
      )}
    </>
  );
}

function updateText({ state, version, fraction, message, checkedAt }: UpdateState): string {
  const when = checkedAt ? `; last checked ${formatDay(checkedAt)}` : '';
  switch (state) {
    case 'downloading':
      return `Downloading ${version ?? 'the update'}, ${formatPercent(fraction ?? 0)}`;
    case 'ready':
      return `${version ?? 'An update'} is ready`;
    case 'failed':
      return `Couldn't check for updates: ${message ?? 'see the log'}`;
    case 'checking':
      return 'Checking for updates…';
    default:
      return `MLX Manager is up to date${when}`;
  }
}

function CommandLine({ tool }: { readonly tool: DesktopState['commandLine'] | undefined }) {
  const install = useRpcCommand('desktop.installCommandLine');
  const remove = useRpcCommand('desktop.removeCommandLine');
  const problem = install.error ?? remove.error;
  const { path, target, reason = DESKTOP_ONLY } = tool ?? {};
  return (
    <FormRow
      label="Command line"
      hint={path ?? (target ? `Installs the mlx-manager command as ${target}` : reason)}
      problem={problem ? errorSentence(problem) : undefined}
    >
      {path ? (
        <Button writes size="small" onClick={() => remove.mutate({})}>
          Remove
        </Button>
      ) : (
        <Button
          writes
          size="small"
          reason={target ? undefined : reason}
          onClick={() => install.mutate({})}
        >
          Install
        </Button>
      )}
    </FormRow>
  );
}
