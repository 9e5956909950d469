import { Section } from '@renderer/components/Pane';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useLive } from '@renderer/live/use-live';
import { routeHref } from '@renderer/routing/route';
import { usedByText } from '@renderer/text/model-text';
import { stateLabel } from '@renderer/text/server-text';

/** The profiles that use a model, with what their servers do now. */
export function ModelUsers({ names }: { readonly names: readonly string[] }) {
  const profiles = useLive((data) => data.profiles);
  const servers = useLive((data) => data.servers);
  const users = profiles.filter((profile) => names.includes(profile.name));
  return (
    <Section title="Used by" right={names.length > 0 && usedByText(names)}>
      {users.length === 0 && <p className="text-text-2">Not used by any profile</p>}
      <ul aria-label="Profiles that use it">
        {users.map(({ id, name, engine, port }) => {
          const state = servers[id]?.state ?? 'stopped';
          return (
            <li key={id} className="flex min-h-7 items-center gap-2">
              <StateGlyph glyph={state} />
              <a className="truncate text-accent-text" href={routeHref('servers', [id])}>
                {name}
              </a>
              <span className="shrink-0 text-small text-text-2">{`${engine}, :${port}`}</span>
              <span className="ml-auto shrink-0 text-small text-text-2">{stateLabel(state)}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
