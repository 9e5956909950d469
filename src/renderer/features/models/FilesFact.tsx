import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { DownloadProgress } from '@renderer/domain/downloads/DownloadProgress';
import { verifyReason } from '@renderer/domain/models/model-rules';
import {
  type Activity,
  downloadOf,
  inUseOf,
  verificationOf,
} from '@renderer/domain/models/use-in-use';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { shortName } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { formatCount } from '@shared/format/counts';
import { formatDate } from '@shared/format/dates';
import { RepairButton, Verifying } from './ModelState';

interface FilesFactProps {
  readonly model: Model;
  readonly activity: Activity;
}

/** `9 of 9 verified, Nov 12`; where no hash was published, only whether they can be read. */
export function verifiedText({ verified }: Pick<Model, 'verified'>): string {
  if (!verified) return 'Not verified yet';
  const good = `${verified.files - verified.bad.length} of ${verified.files}`;
  const word = verified.by === 'hashes' ? 'verified' : 'readable, without published hashes';
  return `${good} ${word}, ${formatDate(verified.at)}`;
}

/** Whether the files are what was published, and what mends those that are not. */
export function FilesFact({ model, activity }: FilesFactProps) {
  const verify = useRpcCommand('models.verify');
  const download = downloadOf(model, activity);
  const job = verificationOf(model, activity);
  const failed = activity.jobs.find(({ ref, state }) => ref === model.ref && state === 'failed');
  if (download) return <DownloadProgress download={download} />;
  if (job) return <Verifying job={job} />;
  const unread = verifyReason(model, inUseOf(model, activity));
  const isWhole = model.verified !== undefined && model.verified.bad.length === 0;
  const problem = verify.error ? errorSentence(verify.error) : failed?.failure?.message;
  return (
    <>
      <span className="flex items-start gap-1.5">
        {isWhole && model.state === 'complete' && (
          <StateGlyph glyph="ok" size={13} className="mt-0.5" />
        )}
        <span className="min-w-0 flex-1">{verifiedText(model)}</span>
        <Button
          writes
          kind="plain"
          className={classNames('-my-0.5', !unread && '-mr-2')}
          size="small"
          busy={verify.isPending}
          reason={unread}
          aria-label={`${model.verified ? 'Verify again' : 'Verify'}: ${shortName(model)}`}
          onClick={() => verify.mutate({ ref: model.ref })}
        >
          {model.verified ? 'Verify again' : 'Verify'}
        </Button>
      </span>
      {problem && (
        <span role="alert" className="block text-small text-broken-text">
          {problem}
        </span>
      )}
      {model.state !== 'unusable' && <Problems model={model} activity={activity} />}
      {model.state === 'unusable' && <span className="block text-small">{model.unusable}</span>}
    </>
  );
}

/** More of them say nothing new. */
const LISTED = 6;

function Problems({ model, activity }: FilesFactProps) {
  const { state, missing = [] } = model;
  if (missing.length === 0) return null;
  const more = missing.length - LISTED;
  return (
    <div className="mt-1.5 rounded-field bg-broken-tint px-2.5 py-2 text-small">
      <ul aria-label="What is wrong with its files">
        {missing.slice(0, LISTED).map((sentence) => (
          <li key={sentence} className="wrap-anywhere">
            {sentence}
          </li>
        ))}
        {more > 0 && <li>and {formatCount(more, 'more', 'more')}</li>}
      </ul>
      {state === 'damaged' && (
        <div className="mt-2">
          <RepairButton model={model} activity={activity} />
        </div>
      )}
    </div>
  );
}
