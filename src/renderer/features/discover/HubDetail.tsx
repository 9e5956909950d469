import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { ExternalLink } from '@renderer/components/ExternalLink';
import { Facts } from '@renderer/components/Facts';
import { Section } from '@renderer/components/Pane';
import { DownloadBlock } from '@renderer/domain/downloads/DownloadBlock';
import { actionOf } from '@renderer/domain/hub/hub-problem';
import { HubFix } from '@renderer/domain/hub/HubFix';
import { ModelMemory } from '@renderer/domain/memory/ModelMemory';
import { ModelCard } from '@renderer/features/discover/card/ModelCard';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { pageFacts, notWhole } from '@renderer/text/hub-model-text';
import type { Download } from '@shared/domain/download';
import type { HubModel, HubModelPage } from '@shared/domain/hub';
import { formatDate } from '@shared/format/dates';
import { OnDisk } from './DownloadCell';
import { GatedSteps } from './GatedSteps';
import { GetButton } from './GetButton';
import { HubFiles } from './HubFiles';
import { useGetting } from './use-getting';

interface HubDetailProps {
  /** As the list has it: shown until the page is there. */
  readonly model: HubModel;
  readonly download: Download | undefined;
  readonly isOnDisk: boolean;
  /** Its page on the hub, where no toolbar above has the link. */
  readonly pageLink?: string | undefined;
}

/** Everything about one model of the hub. */
export function HubDetail({ model, download, isOnDisk, pageLink }: HubDetailProps) {
  const page = useRpcQuery('hub.model', { ref: model.ref });
  const { author, licence, updatedAt } = model;
  const line = [author, licence, `updated ${formatDate(updatedAt)}`].filter(Boolean);
  return (
    <div className="p-5 pt-0">
      <h2 className="pr-6 text-inspector font-semibold wrap-anywhere">{model.name}</h2>
      <p className="mt-1 text-small text-text-2 wrap-anywhere">
        {line.join(' · ')}
        {pageLink && (
          <>
            {' · '}
            <ExternalLink href={pageLink}>Open page</ExternalLink>
          </>
        )}
      </p>
      <div className="mt-3 min-h-7">
        <Get
          model={model}
          page={page.data}
          download={download}
          isOnDisk={isOnDisk}
          onCheck={page.refetch}
        />
      </div>
      {page.error && (
        <ErrorBlock
          className="mt-4"
          sentence={page.error.message}
          actions={
            <HubFix
              action={actionOf(page.error)}
              onRetry={() => void page.refetch()}
              busy={page.isFetching}
            />
          }
        />
      )}
      {page.isPending && <p className="mt-4 text-text-2">Loading files…</p>}
      {page.data && <PageSections page={page.data} download={download} />}
    </div>
  );
}

function PageSections({
  page,
  download,
}: {
  readonly page: HubModelPage;
  readonly download: Download | undefined;
}) {
  const { model, facts, files, url } = page;
  return (
    <>
      <div className="mt-4">
        <Section>
          {facts.unusable && <p className="mb-2 text-text-2">{facts.unusable}</p>}
          {facts.missing && <p className="mb-2 text-broken-text">{notWhole(facts.missing)}</p>}
          <Facts facts={pageFacts(page)} />
        </Section>
      </div>
      {facts.unusable === undefined && (
        <ModelMemory modelRef={model.ref} contextLength={facts.contextLength} />
      )}
      <HubFiles files={files} download={download} />
      <ModelCard modelRef={model.ref} page={url} />
    </>
  );
}

interface GetProps extends HubDetailProps {
  readonly page: HubModelPage | undefined;
  readonly onCheck: () => unknown;
}

function Get({ model, page, download, isOnDisk, onCheck }: GetProps) {
  const getting = useGetting(model, page?.facts);
  if (download && download.state !== 'done') return <DownloadBlock download={download} />;
  if (isOnDisk) {
    return (
      <span className="flex text-small">
        <OnDisk />
      </span>
    );
  }
  if (page?.facts.access !== undefined) {
    return (
      <GatedSteps
        model={model}
        access={page.facts.access}
        sizeBytes={page.facts.sizeBytes}
        page={page.url}
        onCheck={onCheck}
      />
    );
  }
  return page ? <GetButton model={model} facts={page.facts} getting={getting} withFix /> : null;
}
