import type { Command } from 'commander';

import { followJob } from '@headless/waiting';
import type { EngineJob, EngineOption, Installation } from '@shared/domain/engine';
import { mendAction } from '@shared/domain/mend-installation';
import { InstallableId } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import { formatDisk } from '@shared/format/bytes';
import { formatShortDuration } from '@shared/format/durations';
import type { Client } from '@shared/rpc/client';
import { adviceText } from '../terminal/advice-text';
import { givenPath } from '../terminal/arguments';
import { actionCommand } from '../terminal/action-command';
import type { Context } from '../terminal/context';
import { JobProgress } from '../terminal/job-progress';
import { type Manager, withManager } from '../manager/manager';
import { findNamed } from '../manager/names';
import { addEngineDiff, profileLines } from './engine-diff';

export function addEngineCommands(program: Command, context: Context): void {
  const engine = program.command('engine').summary('inference engines and their installations');
  addLists(engine, context);
  addInstalling(engine, context);
  addUsing(engine, context);
  addEngineDiff(engine, context, findInstallation);
}

function addLists(engine: Command, context: Context): void {
  engine
    .command('list')
    .summary('what is installed')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client }) => {
        const all = await client.call('engines.list');
        context.output.result(all, () => installationTable(context, all));
      }),
    );
  engine
    .command('available')
    .summary('what can be installed')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client }) => {
        const all = await client.call('engines.available');
        const rows = all.map((one) => [
          one.engine,
          one.tested,
          one.version ?? 'unknown',
          one.installed.join(', '),
        ]);
        context.output.result(all, () =>
          context.output.table(['ENGINE', 'TESTED', 'NEWEST', 'INSTALLED'], rows),
        );
      }),
    );
  engine
    .command('options')
    .summary('the options of an installation')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string) =>
      withManager(context, 'read', async ({ client }) => {
        const installationId = await findInstallation(client, id);
        const options = await client.call('engines.options', { installationId });
        context.output.result(options, () => optionTable(context, options));
      }),
    );
}

function addInstalling(engine: Command, context: Context): void {
  engine
    .command('install')
    .summary('install an engine into its own environment')
    .argument('<engine[@version]>', 'a version, or newest (default: the tested one)')
    .option('--json', 'progress and result as JSON lines')
    .action((spec: string) => {
      const [name = '', version] = spec.split('@');
      return work(context, async ({ client }) => {
        const engine = engineId(name);
        await tellAdvice(context, client, engine, version);
        return client.call('engines.install', {
          engine,
          ...(version !== undefined && { version }),
        });
      });
    });
  engine
    .command('update')
    .summary('install the newest version of an engine')
    .argument('<engine>')
    .option('--json', 'progress and result as JSON lines')
    .action((name: string) =>
      work(context, async ({ client }) => {
        const engine = engineId(name);
        await tellAdvice(context, client, engine, 'newest');
        return client.call('engines.update', { engine });
      }),
    );
  engine
    .command('reinstall')
    .summary('rebuild an installation that cannot run')
    .argument('<id>')
    .option('--json', 'progress and result as JSON lines')
    .action((id: string) =>
      work(context, async ({ client }) => {
        const installationId = await findInstallation(client, id);
        return client.call('engines.reinstall', { installationId });
      }),
    );
  engine
    .command('register')
    .summary('use an existing environment')
    .argument('<engine>')
    .option('--python <path>', 'Python of the environment')
    .option('--command <path>', "the server's executable")
    .option('--json', 'progress and result as JSON lines')
    .action((name: string, { python, command }: { python?: string; command?: string }) => {
      if ((python === undefined) === (command === undefined)) {
        throw new DomainError('usage', 'Specify either --python or --command.');
      }
      const place = {
        ...(python === undefined ? {} : { python: givenPath(python, context.cwd) }),
        ...(command === undefined ? {} : { command: givenPath(command, context.cwd) }),
      };
      return work(context, ({ client }) =>
        client.call('engines.register', { engine: engineId(name), ...place }),
      );
    });
}

/** Follows a job to its end; Ctrl-C ends it only where this command does the work itself. */
function work(context: Context, begin: (manager: Manager) => Promise<EngineJob>): Promise<void> {
  return withManager(context, 'write', async (manager) => {
    const { client, isRunning } = manager;
    const progress = new JobProgress(context);
    let jobId: string | undefined;
    const off = context.interrupt.onInterrupt(async () => {
      if (jobId === undefined) return;
      if (isRunning) context.output.note('The installation continues in the manager.');
      else await client.call('engines.cancel', { jobId });
    });
    try {
      const job = await followJob(
        client,
        async () => {
          const first = await begin(manager);
          jobId = first.id;
          return first;
        },
        (step) => progress.show(step),
      );
      await showInstallation(context, client, job);
    } finally {
      off();
    }
  });
}

/** What is known of the version that comes, before it is installed; it only warns. */
async function tellAdvice(
  context: Context,
  client: Client,
  engine: InstallableId,
  asked: string | undefined,
): Promise<void> {
  const all = await client.call('engines.available', {});
  const found = all.find((one) => one.engine === engine);
  const version = asked === 'newest' ? found?.version : (asked ?? found?.tested);
  // The index did not answer: the installation says so itself.
  if (version === undefined || version === null) return;
  for (const one of await client.call('engines.advice', { engine, version })) {
    context.output.note(`Advice for ${engine} ${version}: ${adviceText(one)}`);
  }
}

async function showInstallation(context: Context, client: Client, job: EngineJob): Promise<void> {
  const all = await client.call('engines.list');
  const installation = all.find(({ id }) => id === job.installationId);
  if (installation === undefined) {
    throw new DomainError('internal', 'The installation finished but is not in the list.');
  }
  context.output.result(
    { event: 'done', installation },
    () =>
      `Installed ${installation.engine} ${installation.version} (${installation.id})${installation.inUse ? ', in use' : ''}.`,
  );
}

function addUsing(engine: Command, context: Context): void {
  engine
    .command('test')
    .summary('check that an installation works')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string) =>
      withManager(context, 'write', ({ client }) => test(context, client, id)),
    );
  engine
    .command('use')
    .summary('put an installation in use')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string) =>
      withManager(context, 'write', async ({ client }) => {
        const installationId = await findInstallation(client, id);
        const { profiles } = await client.call('engines.change', { installationId });
        // Said before the switch; a pinned profile is not touched by it.
        for (const line of profileLines(profiles)) context.output.note(`Warning:${line}`);
        showInUse(context, await client.call('engines.use', { installationId }));
      }),
    );
  engine
    .command('rollback')
    .summary('go back to the previous version')
    .argument('<engine>')
    .option('--json', 'as JSON')
    .action((name: string) =>
      withManager(context, 'write', async ({ client }) =>
        showInUse(context, await client.call('engines.rollback', { engine: engineId(name) })),
      ),
    );
  engine
    .command('remove')
    .summary('delete an installation')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string) =>
      withManager(context, 'write', async ({ client }) => {
        const installationId = await findInstallation(client, id);
        await client.call('engines.remove', { installationId });
        context.output.result({ removed: installationId }, () => `Removed ${installationId}.`);
      }),
    );
}

/** A test that fails is a failed command: its result comes first, the error is the last line. */
async function test(context: Context, client: Client, id: string): Promise<void> {
  const installationId = await findInstallation(client, id);
  const result = await client.call('engines.test', { installationId });
  if (context.json || result.passed) {
    context.output.result(
      result,
      () => `Passed in ${formatShortDuration(result.seconds)}: ${result.output ?? ''}`,
    );
  }
  if (!result.passed) {
    throw new DomainError('engine_broken', result.problem ?? 'The self-test failed.');
  }
}

function engineId(name: string): InstallableId {
  const parsed = InstallableId.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new DomainError('not_found', `${parsed.error.issues[0]?.message ?? 'unknown engine'}.`);
}

async function findInstallation(client: Client, text: string): Promise<string> {
  const all = await client.call('engines.list');
  const named = all.map(({ id }) => ({ id, name: id }));
  return findNamed('installation', named, text).id;
}

function showInUse(context: Context, installation: Installation): void {
  context.output.result(
    installation,
    () => `${installation.engine} ${installation.version} (${installation.id}) is in use.`,
  );
}

/** What the list says of each state; JSON has the state itself. */
const STATES: Readonly<Record<Installation['state'], string>> = {
  installing: 'installing',
  ready: 'ready',
  broken: 'cannot run',
  unknown: 'unknown',
};

function installationTable(context: Context, all: readonly Installation[]): string[] {
  if (all.length === 0)
    return ['No engine is installed yet. Install one: mlx-manager engine install mlx-lm'];
  const rows = all.map((one) => [
    one.id,
    one.engine,
    one.version,
    STATES[one.state],
    one.inUse ? 'in use' : '',
    formatDisk(one.sizeBytes),
    one.origin,
  ]);
  const header = ['ID', 'ENGINE', 'VERSION', 'STATE', '', 'SIZE', 'ORIGIN'];
  const problems = all.flatMap((one) =>
    one.problem === undefined ? [] : [`${one.id}: ${one.problem} ${adviceFor(one)}`.trim()],
  );
  return [...context.output.table(header, rows, [5]), ...problems];
}

function adviceFor(installation: Installation): string {
  return installation.state === 'broken' ? actionCommand(mendAction(installation)) : '';
}

function optionTable(context: Context, options: readonly EngineOption[]): string[] {
  const rows = options
    .filter((option) => !option.reserved)
    .map((option) => [
      option.key,
      option.choices?.join('|') ?? option.type,
      option.default === undefined ? '' : String(option.default),
      option.help,
    ]);
  return context.output.table(['OPTION', 'TYPE', 'DEFAULT', 'HELP'], rows);
}
