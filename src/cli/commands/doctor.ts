import type { Command } from 'commander';

import type { DoctorCheck } from '@shared/contract';
import { actionCommand } from '../terminal/action-command';
import type { Context } from '../terminal/context';
import { FoundProblem } from '../terminal/errors';
import { withManager } from '../manager/manager';

const MARKS = {
  ok: ['green', 'ok'],
  warning: ['yellow', 'warning'],
  problem: ['red', 'problem'],
} as const;

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .summary('check the machine, engines, folders, ports and the gateway')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client }) => {
        const report = await client.call('doctor.run');
        context.output.result(report, () => report.checks.flatMap((one) => lines(context, one)));
        if (report.checks.some(({ state }) => state === 'problem')) throw new FoundProblem();
      }),
    );
}

function lines({ output }: Context, check: DoctorCheck): string[] {
  const [style, word] = MARKS[check.state];
  const mark = output.style(style, word.padEnd(8));
  return [
    `${mark} ${check.message}`,
    ...(check.action ? [`         ${actionCommand(check.action)}`] : []),
  ];
}
