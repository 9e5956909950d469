import { assertNever } from '@shared/assert-never';
import { shellQuote } from '@shared/shell-quote';
import type { Action } from '@shared/errors/action';

/** Stands for a profile whose name is not known where the command is shown. */
const ANY_PROFILE = 'NAME';

/**
 * The command that does what an action means; its label, where no command of ours does it.
 * @param profile name of the profile that it is about.
 */
export function actionCommand(action: Action, profile?: string): string {
  const of = profile === undefined ? ANY_PROFILE : shellQuote(profile);
  switch (action.id) {
    case 'next_port':
      return `mlx-manager profile edit ${of} --port ${action.params.port}`;
    case 'safe_mode':
      return `mlx-manager start ${of} --safe-mode`;
    case 'start_anyway':
      return `mlx-manager start ${of} --force`;
    case 'make_room':
      // Its refusal says what could be stopped, with the numbers.
      return `mlx-manager start ${of}`;
    case 'start':
      return `mlx-manager start ${shellQuote(action.params.profile)} --wait`;
    case 'stop':
      return `mlx-manager stop ${of}`;
    case 'retry_stop':
      return `mlx-manager stop ${of}`;
    case 'serve':
      return 'mlx-manager serve';
    case 'edit_options':
      return editCommand(action.params, of);
    case 'raise_deadline':
      return `mlx-manager profile edit ${of} --load-deadline SECONDS`;
    case 'open_models':
      return modelCommand(action.params.ref);
    case 'download_model':
      return modelCommand(action.params.ref);
    case 'free_space':
      return 'Delete models that no profile uses: mlx-manager model list';
    case 'resume_download':
      return `mlx-manager pull ${shellQuote(action.params.ref)}, or: mlx-manager downloads cancel ${action.params.downloadId}`;
    case 'set_token':
      return 'mlx-manager hub token set';
    case 'open_engines':
      return engineCommand(action.params);
    case 'reinstall_engine': {
      const { engine, installationId } = action.params;
      return installationId === undefined
        ? `mlx-manager engine install ${engine}`
        : `mlx-manager engine reinstall ${installationId}`;
    }
    case 'repair_environment': {
      const { installationId } = action.params;
      return `Repair its environment, then mlx-manager engine test ${installationId}, or remove it from the list: mlx-manager engine remove ${installationId}`;
    }
    case 'remove_installation':
      return `mlx-manager engine remove ${action.params.installationId}`;
    case 'gateway_port':
      return 'Free the port, then mlx-manager gateway retry, or: mlx-manager settings set gatewayPort N';
    case 'make_private':
      return `chmod 700 ${shellQuote(action.params.path)}`;
    case 'retry':
    case 'mount_folder':
    case 'open_model_page':
    case 'check_network':
    case 'cancel_job':
    case 'install_python':
    case 'install_pip':
    case 'install_package':
    case 'use_apple_silicon':
    case 'unlock_keychain':
    case 'use_newer_version':
    case 'give_access':
      return action.label;
    default:
      return assertNever(action);
  }
}

type ParamsOf<Id extends Action['id']> = Extract<Action, { id: Id; params: unknown }>['params'];

function editCommand(params: ParamsOf<'edit_options'>, profile: string): string {
  const of = params.profile === undefined ? profile : shellQuote(params.profile);
  const edit = `mlx-manager profile edit ${of}`;
  switch (params.purpose) {
    case 'model':
      return `${edit} --model REF`;
    case 'port':
      return `${edit} --port N`;
    case 'machines':
      return `${edit} --hosts FILE`;
    case 'engine':
      return `${edit} --installation ID`;
    case 'custom_code':
      return `${edit} --set trust-remote-code=true, if you trust the model's author`;
    case 'memory':
      return `mlx-manager start ${of} --safe-mode, or: ${edit} --set context-length=N`;
    case undefined:
      return `${edit} --set KEY=VALUE`;
    default:
      return assertNever(params.purpose);
  }
}

/** A name of the form `org/name` can be fetched; a folder can only be looked for. */
function modelCommand(ref: string | undefined): string {
  return ref === undefined || ref.startsWith('/')
    ? 'mlx-manager model list --incomplete'
    : `mlx-manager pull ${shellQuote(ref)}`;
}

function engineCommand({ engine = 'ENGINE', purpose }: ParamsOf<'open_engines'>): string {
  switch (purpose) {
    case 'install':
      return `mlx-manager engine install ${engine}`;
    case 'newer':
      return `mlx-manager engine update ${engine}`;
    case 'follow':
      return 'mlx-manager engine list';
    default:
      return assertNever(purpose);
  }
}
