import type { Model } from '@shared/domain/model';
import { Plus } from 'lucide-react';
import { Button } from '../../components/Button';
import { CopyButton } from '../../components/CopyButton';
import { ErrorBlock } from '../../components/ErrorBlock';
import { Facts } from '../../components/Facts';
import { formatDate, formatDisk, formatNumber } from '../../components/format';
import { Section } from '../../components/Pane';
import { useLive } from '../../live/use-live';
import { navigate, routeHref } from '../frame/route';
import { ModelMemory } from '../memory/ModelMemory';
import { originOf } from './model-text';

/** What is known of one model, and what can be done with it. */
export function ModelDetail({ model }: { readonly model: Model }) {
  const facts = [
    { label: 'Size on disk', value: formatDisk(model.sizeBytes) },
    ...(model.architecture ? [{ label: 'Architecture', value: model.architecture }] : []),
    ...(model.bits === undefined ? [] : [{ label: 'Quantisation', value: `${model.bits}-bit` }]),
    ...(model.contextLength === undefined
      ? []
      : [{ label: 'Context', value: `${formatNumber(model.contextLength)} tokens` }]),
    ...(model.modifiedAt ? [{ label: 'Changed', value: formatDate(model.modifiedAt) }] : []),
    ...(model.needsCode
      ? [
          {
            label: 'Custom code',
            value: ['Wants to run its own code', ...(model.code ?? [])].join(', '),
          },
        ]
      : []),
  ];
  return (
    <div className="p-5 pt-0">
      <h2 className="text-[17px] leading-[22px] font-semibold break-words">{model.name}</h2>
      <p className="mt-1 text-small text-text-2 break-words">{originOf(model)}</p>
      <div className="mt-3">
        <Button
          kind="primary"
          icon={<Plus size={14} />}
          reason={model.complete ? undefined : 'Files are missing: it cannot be loaded'}
          onClick={() => navigate(routeHref('servers', ['new'], { model: model.ref }))}
        >
          New profile
        </Button>
      </div>
      {!model.complete && (
        <ErrorBlock
          className="mt-4"
          sentence="This model is incomplete and cannot be loaded."
          detail={(model.missing ?? []).join(', ')}
        />
      )}
      <div className="mt-4">
        <Section>
          <Facts facts={facts} />
        </Section>
        <ModelMemory modelRef={model.ref} contextLength={model.contextLength} />
        <UsedBy names={model.usedBy} />
        <Section
          title="Where"
          right={<CopyButton text={model.path} label="Copy path" size="small" />}
        >
          <p className="font-mono text-[12px] break-all text-text-2">{model.path}</p>
        </Section>
      </div>
    </div>
  );
}

function UsedBy({ names }: { readonly names: readonly string[] }) {
  const profiles = useLive((data) => data.profiles);
  if (names.length === 0) return null;
  return (
    <Section title="Used by">
      <ul>
        {profiles
          .filter((profile) => names.includes(profile.name))
          .map((profile) => (
            <li key={profile.id} className="py-1">
              <a className="text-accent-text underline" href={routeHref('servers', [profile.id])}>
                {profile.name}
              </a>
              <span className="ml-2 text-small text-text-2">{`${profile.engine}, :${profile.port}`}</span>
            </li>
          ))}
      </ul>
    </Section>
  );
}
