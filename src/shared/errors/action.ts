/**
 * What can be done about an error or a failure. Ids and params are public: programs act by them, people read the
 * label. This file carries no zod, so that the screens can run it; the schema is in `domain/failure.ts`.
 */

/** What each action needs to be carried out; `undefined`: nothing. Values are plain JSON. */
export interface ActionParams {
  /** Does once more what has failed; of a server: starts it. */
  readonly retry: undefined;
  /** Stops a server that could not be stopped once more. */
  readonly retry_stop: undefined;
  /** Gives the profile that port and starts it. */
  readonly next_port: { readonly port: number };
  /** Starts with the settings that take the least memory, for this run alone. */
  readonly safe_mode: undefined;
  /** Starts although something beside the model's weights is missing or damaged. */
  readonly start_anyway: undefined;
  /** Shows what could be stopped so that the profile fits. */
  readonly make_room: { readonly profileId: string };
  /** Starts a profile, by its name. */
  readonly start: { readonly profile: string };
  /** Stops a profile that is in the way of what was asked for. */
  readonly stop: { readonly profileId: string };
  /** Starts the manager itself. */
  readonly serve: undefined;

  /** Shows the profile's settings: at one field, or those that serve a purpose. `profile` is its name. */
  readonly edit_options: {
    readonly field?: string | undefined;
    readonly purpose?: EditPurpose | undefined;
    readonly profile?: string | undefined;
  };
  /** Shows the profile's limit for loading. */
  readonly raise_deadline: undefined;

  /** Shows the models, or one of them. */
  readonly open_models: { readonly ref?: string | undefined };
  /** Fetches a model that is no longer on the disk. */
  readonly download_model: { readonly ref: string };
  /** Makes room on the disk. */
  readonly free_space: undefined;
  /** Goes on with a download that failed. */
  readonly resume_download: { readonly downloadId: string; readonly ref: string };
  /** Connects the disk that a model folder is on, or takes the folder from the library. */
  readonly mount_folder: { readonly path: string };
  /** Keeps an access token for the place that models come from. */
  readonly set_token: undefined;
  /** Opens the model's page, where its terms are accepted. */
  readonly open_model_page: { readonly ref: string };
  /** Looks at the network, the proxy and the address of the place that models come from. */
  readonly check_network: undefined;

  /** Shows the engines: to install this one, to look for a newer version, or to see how an installation goes on. */
  readonly open_engines: {
    readonly engine?: string | undefined;
    readonly purpose: 'install' | 'newer' | 'follow';
  };
  /** Installs the engine again: the installation that is broken, where it is known which one that is. */
  readonly reinstall_engine: {
    readonly engine: string;
    readonly version?: string | undefined;
    readonly installationId?: string | undefined;
  };
  /** Repairs an environment that the person registered, and tests it again, or takes it off the list. */
  readonly repair_environment: { readonly engine: string; readonly installationId: string };
  /** Takes an installation away that is of no use. */
  readonly remove_installation: { readonly engine: string; readonly installationId: string };
  /** Waits for an engine's job or cancels it. */
  readonly cancel_job: { readonly job: string };
  /** Brings a Python, or uv which fetches one. */
  readonly install_python: {
    readonly version?: string | undefined;
    readonly platform?: 'darwin' | 'linux' | undefined;
  };
  readonly install_pip: undefined;
  /** Brings an engine's package into a Python of the person's own. */
  readonly install_package: { readonly python: string; readonly package: string };

  /** Frees the gateway's port, or gives it another one. */
  readonly gateway_port: undefined;

  readonly use_apple_silicon: undefined;
  readonly unlock_keychain: undefined;
  readonly use_newer_version: undefined;
  /** Keeps other users out of a folder. */
  readonly make_private: { readonly path: string };
  /** Lets this user write to a folder; `variable` names another place instead. */
  readonly give_access: {
    readonly path: string;
    readonly variable?: string | undefined;
  };
}

/** What settings of a profile are looked at for. */
export type EditPurpose = 'memory' | 'custom_code' | 'machines' | 'model' | 'port' | 'engine';

export type ActionId = keyof ActionParams;

/** One action by its id. */
export type ActionOf<Id extends ActionId> = ActionParams[Id] extends undefined
  ? { readonly id: Id; readonly label: string }
  : { readonly id: Id; readonly label: string; readonly params: ActionParams[Id] };

export type Action = { readonly [Id in ActionId]: ActionOf<Id> }[ActionId];

const EDIT_LABELS: Readonly<Record<EditPurpose, string>> = {
  memory: 'Lower memory settings',
  custom_code: 'Review the custom code setting',
  machines: 'Edit machines',
  model: 'Choose another model',
  port: 'Choose another port',
  engine: 'Choose another installation',
};

const LABELS: { readonly [Id in ActionId]: (params: ActionParams[Id]) => string } = {
  retry: () => 'Try again',
  retry_stop: () => 'Try stopping again',
  next_port: ({ port }) => `Use port ${port} and start`,
  safe_mode: () => 'Start with less memory',
  start_anyway: () => 'Start anyway',
  make_room: () => 'Make room…',
  start: ({ profile }) => `Start ${profile}`,
  stop: () => 'Stop server',
  serve: () => 'Start MLX Manager',

  edit_options: ({ purpose }) => (purpose ? EDIT_LABELS[purpose] : 'Edit settings'),
  raise_deadline: () => 'Allow more time to load',

  open_models: () => 'Show models',
  download_model: () => 'Download again',
  free_space: () => 'Free space in Models',
  resume_download: () => 'Resume download',
  mount_folder: () => 'Connect the disk, or remove the folder from the library',
  set_token: () => 'Set a token…',
  open_model_page: () => 'Open page',
  check_network: () => 'Check the network, proxy and HF_ENDPOINT',

  open_engines: enginesLabel,
  reinstall_engine: ({ engine, version }) =>
    `Reinstall ${version === undefined ? engine : `${engine} ${version}`}`,
  repair_environment: () => 'Repair the environment',
  remove_installation: () => 'Remove leftovers',
  cancel_job: () => 'Wait for it, or cancel it',
  install_python: pythonLabel,
  install_pip: () => 'Install uv, or: apt install python3-venv python3-pip',
  install_package: (params) => `"${params.python}" -m pip install ${params.package}`,

  gateway_port: () => 'Choose another port for the gateway',

  use_apple_silicon: () => 'Use a Mac with Apple silicon',
  unlock_keychain: () => 'Allow MLX Manager to use its key in Keychain Access, or sign in again',
  use_newer_version: () => 'Use the newer version, or another folder with MLX_MANAGER_HOME',
  make_private: ({ path }) => `Keep other users out of ${path}`,
  give_access: ({ path, variable }) =>
    `Give yourself access to ${path}${variable === undefined ? '' : `, or set ${variable} to another folder`}`,
};

function enginesLabel({ engine, purpose }: ActionParams['open_engines']): string {
  switch (purpose) {
    case 'install':
      return `Install ${engine ?? 'an engine'}`;
    case 'newer':
      return 'Check for a newer engine';
    case 'follow':
      return 'Show engine';
  }
}

function pythonLabel({ version, platform }: ActionParams['install_python']): string {
  if (version !== undefined) return `Install Python ${version}, then try again`;
  return platform === 'darwin'
    ? 'Install uv (brew install uv) or the command line tools (xcode-select --install)'
    : 'Install uv, or Python 3.11 or newer with venv (apt install python3-venv)';
}

export const ACTION_IDS = Object.keys(LABELS) as readonly ActionId[];

type Args<Params> = Params extends undefined ? [] : [params: Params];

/** The only way to an action: its label follows from what it is about. */
export function makeAction<Id extends ActionId>(
  id: Id,
  ...[params]: Args<ActionParams[Id]>
): ActionOf<Id> {
  const label = LABELS[id](params as ActionParams[Id]);
  return (params === undefined ? { id, label } : { id, label, params }) as ActionOf<Id>;
}

/** The label for a place as narrow as a row, at most 16 letters: what the row's own words already say is left out. */
export function shortLabel(action: Action): string {
  switch (action.id) {
    case 'next_port':
      return `Use port ${action.params.port}`;
    case 'retry_stop':
      return 'Stop again';
    case 'safe_mode':
      return 'Use less memory';
    case 'edit_options':
      return action.params.purpose === 'model' ? 'Other model' : 'Edit settings';
    case 'raise_deadline':
      return 'Allow more time';
    case 'open_engines':
      return { install: 'Install engine', newer: 'Find an update', follow: 'Show engine' }[
        action.params.purpose
      ];
    case 'reinstall_engine':
      return 'Reinstall';
    case 'repair_environment':
      return 'Repair';
    case 'free_space':
      return 'Free space';
    default:
      return action.label;
  }
}

/** What another version of the program sent as an action; undefined where this one does not know it. */
export function knownAction(sent: Action | undefined): Action | undefined {
  return sent !== undefined && Object.hasOwn(LABELS, sent.id) ? sent : undefined;
}
