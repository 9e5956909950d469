import { routeHref } from '@renderer/routing/route';
import { assertNever } from '@shared/assert-never';
import type { Action, EditPurpose } from '@shared/errors/action';

/** What a button does that carries an action out. */
export type ActionEffect =
  /** Shows another place. */
  | { readonly kind: 'go'; readonly href: string }
  /** Does what has failed once more; the view that shows the action knows what that is. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'stop-server'; readonly profileId: string | undefined }
  | { readonly kind: 'start-on-port'; readonly port: number }
  | { readonly kind: 'start-with-less' }
  | { readonly kind: 'start-anyway' }
  | {
      readonly kind: 'reinstall-engine';
      readonly engine: string;
      readonly installationId: string;
    }
  | { readonly kind: 'cancel-job'; readonly jobId: string }
  | { readonly kind: 'download-model'; readonly ref: string }
  | { readonly kind: 'resume-download'; readonly downloadId: string }
  | { readonly kind: 'ask-token' }
  | { readonly kind: 'open-model-page'; readonly ref: string }
  /** Only a person can do it: the label is shown as advice. */
  | { readonly kind: 'none' };

const NONE: ActionEffect = { kind: 'none' };

/**
 * The one place that says what each action does on the screens.
 * @param profileId the profile that the action is about, where it is about one.
 */
export function effectOf(action: Action, profileId?: string): ActionEffect {
  switch (action.id) {
    case 'retry':
      return { kind: 'retry' };
    case 'retry_stop':
      return { kind: 'stop-server', profileId };
    case 'stop':
      return { kind: 'stop-server', profileId: action.params.profileId };
    case 'next_port':
      return { kind: 'start-on-port', port: action.params.port };
    case 'safe_mode':
      return { kind: 'start-with-less' };
    case 'start_anyway':
      return { kind: 'start-anyway' };
    case 'make_room':
      return go(routeHref('servers', [action.params.profileId]));
    case 'edit_options':
      return go(settingsHref(profileId, action.params.field ?? fieldFor(action.params.purpose)));
    case 'raise_deadline':
      return go(settingsHref(profileId, 'loadDeadlineSeconds'));
    case 'open_models':
      return go(routeHref('models', optional(action.params.ref)));
    case 'download_model':
      return { kind: 'download-model', ref: action.params.ref };
    case 'free_space':
      return go(routeHref('models'));
    case 'mount_folder':
      return go(routeHref('settings', [], { field: 'modelFolders' }));
    case 'gateway_port':
      return go(routeHref('settings', [], { field: 'gatewayPort' }));
    case 'resume_download':
      return { kind: 'resume-download', downloadId: action.params.downloadId };
    case 'set_token':
      return { kind: 'ask-token' };
    case 'open_model_page':
      return { kind: 'open-model-page', ref: action.params.ref };
    case 'open_engines':
      return go(routeHref('engines', optional(action.params.engine)));
    case 'repair_environment':
    case 'remove_installation':
      return go(routeHref('engines', [action.params.engine]));
    case 'reinstall_engine': {
      const { engine, installationId } = action.params;
      // Which of its installations it is, the person sees there.
      if (installationId === undefined) return go(routeHref('engines', [engine]));
      return { kind: 'reinstall-engine', engine, installationId };
    }
    case 'cancel_job':
      return { kind: 'cancel-job', jobId: action.params.job };
    case 'start':
    case 'serve':
    case 'check_network':
    case 'install_python':
    case 'install_pip':
    case 'install_package':
    case 'use_apple_silicon':
    case 'unlock_keychain':
    case 'use_newer_version':
    case 'make_private':
    case 'give_access':
      return NONE;
    default:
      return assertNever(action);
  }
}

function go(href: string): ActionEffect {
  return { kind: 'go', href };
}

function optional(part: string | undefined): string[] {
  return part === undefined ? [] : [part];
}

/** The Settings tab of a profile, at one field where it is known. */
function settingsHref(profileId: string | undefined, field: string | undefined): string {
  if (profileId === undefined) return routeHref('servers');
  const query = field === undefined ? {} : { field };
  return routeHref('servers', [profileId, 'settings'], query);
}

const FIELDS: Readonly<Record<EditPurpose, string | undefined>> = {
  memory: undefined,
  custom_code: 'options.trust-remote-code',
  machines: 'cluster',
  model: 'model',
  port: 'port',
  engine: 'installation',
};

function fieldFor(purpose: EditPurpose | undefined): string | undefined {
  return purpose && FIELDS[purpose];
}
