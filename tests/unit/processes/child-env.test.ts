import { expect, it, test } from 'vitest';

import { buildChildEnv, installerEnv } from '@core/processes/child-env';

const SECRETS = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'OPENAI_API_KEY', 'AWS_SECRET_ACCESS_KEY'];
const SWITCHES = [
  ...['PYTHONPLATLIBDIR', 'PYTHONWARNINGS', 'PYTHONPATH', 'PYTHONHOME', 'PYTHONSAFEPATH'],
  ...['OPENSSL_CONF', 'GCONV_PATH', 'LD_DEBUG', 'LD_PRELOAD', 'LD_LIBRARY_PATH'],
  ...['DYLD_INSERT_LIBRARIES', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'VIRTUAL_ENV', 'GIT_DIR'],
];
const ALL = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, 'x']));

it.each([...SECRETS, 'AWS_PROFILE', 'GITHUB_PAT', 'MLX_API_KEY', 'ANYTHING_ELSE', ...SWITCHES])(
  'an engine does not inherit %s',
  (name) => {
    expect(buildChildEnv({ [name]: 'x' })).not.toHaveProperty(name);
  },
);

it.each([
  ...['HOME', 'USER', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'XDG_CACHE_HOME'],
  ...['HF_HOME', 'HF_HUB_CACHE', 'MLX_METAL_JIT', 'https_proxy', 'NO_PROXY', 'SSL_CERT_FILE'],
  ...['MLX_MANAGER_SERVER', 'SSH_AUTH_SOCK'],
])('an engine inherits %s', (name) => {
  expect(buildChildEnv({ [name]: 'x' })).toHaveProperty(name, 'x');
});

test('what is set for an engine holds, whatever it is called', () => {
  const set = ALL([...SECRETS, 'PYTHONWARNINGS', 'ANYTHING_ELSE']);
  expect(buildChildEnv({ HF_TOKEN: 'of the person' }, set)).toMatchObject(set);
});

it.each([
  ...['PIP_USER', 'PIP_REQUIRE_VIRTUALENV', 'PIP_PREFIX', 'PIP_TARGET', 'PIP_DRY_RUN'],
  ...['PIP_NO_BINARY', 'UV_EXCLUDE_NEWER', 'UV_PYTHON', 'UV_PROJECT_ENVIRONMENT', 'UV_NO_BINARY'],
  ...['UV_RESOLUTION', 'UV_SYSTEM_PYTHON', 'UV_PYTHON_INSTALL_DIR', 'UV_REQUIRE_HASHES'],
  ...SWITCHES,
])('an installer does not inherit %s, which says what goes where', (name) => {
  expect(installerEnv({ [name]: 'x' })).not.toHaveProperty(name);
});

it.each([
  ...['UV_DEFAULT_INDEX', 'UV_INDEX_COMPANY_PASSWORD', 'UV_KEYRING_PROVIDER', 'UV_CACHE_DIR'],
  ...['PIP_INDEX_URL', 'PIP_TRUSTED_HOST', 'PIP_CERT', 'PIP_CONFIG_FILE', 'NETRC'],
  ...['SSL_CERT_FILE', 'HTTPS_PROXY', 'PYTHON_KEYRING_BACKEND', 'AWS_PROFILE'],
])('an installer inherits %s, which says how the index is reached', (name) => {
  expect(installerEnv({ [name]: 'x' })).toHaveProperty(name, 'x');
});

test('folders of node_modules are no place for programs', () => {
  const { PATH } = buildChildEnv({ PATH: '/a:/x/node_modules/.bin:/usr/bin' });
  expect(PATH?.split(':').slice(0, 2)).toEqual(['/a', '/usr/bin']);
});
