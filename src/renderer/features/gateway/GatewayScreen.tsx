import { useState } from 'react';

import { InspectorSlotContext } from '@renderer/components/InspectorSlot';
import { Pane } from '@renderer/components/Pane';
import { TabList, TabPanel, TabRoot } from '@renderer/components/Tabs';
import { useLive } from '@renderer/live/use-live';
import { navigate, type Route, routeHref } from '@renderer/routing/route';
import { gatewayHost, gatewayState } from '@renderer/text/gateway-text';
import { GATEWAY_TABS } from '@shared/domain/screens';
import { GatewaySwitch } from './GatewaySwitch';

import { KeysTab } from './keys/KeysTab';
import { OverviewTab } from './overview/OverviewTab';
import { RequestsTab } from './requests/RequestsTab';
import { SessionDetail } from './sessions/SessionDetail';
import { SessionsTab } from './sessions/SessionsTab';

type GatewayTab = (typeof GATEWAY_TABS)[number];

const TABS = GATEWAY_TABS.map((value) => ({
  value,
  label: `${value.charAt(0).toUpperCase()}${value.slice(1)}`,
}));

/** The tab of an address; anything unknown is the overview. */
function tabOf(name: string | undefined): GatewayTab {
  return GATEWAY_TABS.find((tab) => tab === name) ?? 'overview';
}

function TabContent({ tab, route }: { readonly tab: GatewayTab; readonly route: Route }) {
  const [, id] = route.path;
  switch (tab) {
    case 'overview':
      return <OverviewTab />;
    case 'requests':
      return <RequestsTab profileId={route.query.profile} request={route.query.request} />;
    case 'sessions':
      return id === undefined ? <SessionsTab /> : <SessionDetail key={id} id={id} />;
    case 'keys':
      return <KeysTab />;
  }
}

/** One address for every server: how it is, what went through it, and who may use it. */
export function GatewayScreen({ route }: { readonly route: Route }) {
  const status = useLive((data) => data.gateway);
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const tab = tabOf(route.path[0]);
  return (
    <TabRoot
      value={tab}
      items={TABS}
      onChange={(next) => navigate(routeHref('gateway', next === 'overview' ? [] : [next]))}
      className="relative flex min-w-0 flex-1"
    >
      <Pane
        label="Gateway"
        className="flex-1"
        fixed
        toolbar={{
          className: 'gap-4 tiny:px-3',
          title: <span className="tiny:sr-only">Gateway</span>,
          subtitle: (
            <span className="tiny:hidden">{gatewayHost(status) ?? gatewayState(status).label}</span>
          ),
          children: (
            <>
              <TabList items={TABS} aria-label="Gateway" />
              <GatewaySwitch />
            </>
          ),
        }}
      >
        <TabPanel value={tab} className="h-full min-h-0">
          <InspectorSlotContext value={slot}>
            <TabContent tab={tab} route={route} />
          </InspectorSlotContext>
        </TabPanel>
      </Pane>
      <div ref={setSlot} className="contents" />
    </TabRoot>
  );
}
