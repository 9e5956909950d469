import { CopyButton } from '@renderer/components/CopyButton';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useLive } from '@renderer/live/use-live';
import { routeHref } from '@renderer/routing/route';
import { gatewayHost, gatewayState } from '@renderer/text/gateway-text';

/** The gateway at the foot of the sidebar: its address to copy, or why there is none. A zoomed window has no room for it. */
export function GatewayLine() {
  const status = useLive((data) => data.gateway);
  const host = gatewayHost(status);
  const { glyph, label } = gatewayState(status);
  if (host === undefined) {
    return (
      <a
        href={routeHref('gateway')}
        title={status.failure?.message}
        className="mt-2.5 flex h-[22px] items-center gap-2 text-small text-text-2 narrow:justify-center tiny:hidden"
      >
        <StateGlyph glyph={glyph} size={12} />
        <span className="truncate narrow:sr-only">{`Gateway: ${label.charAt(0).toLowerCase()}${label.slice(1)}`}</span>
      </a>
    );
  }
  return (
    <div className="mt-2.5 flex h-[22px] items-center gap-2 narrow:justify-center tiny:hidden">
      <span className="flex min-w-0 flex-1 items-center gap-2 narrow:hidden">
        <StateGlyph glyph={glyph} size={12} />
        <code className="selectable truncate font-mono text-small">{host}</code>
      </span>
      <CopyButton text={`http://${host}/v1`} label="Copy address of the gateway" />
    </div>
  );
}
