import {
  Box,
  Compass,
  Copy,
  CopyPlus,
  Cpu,
  Download,
  Eye,
  History,
  KeyRound,
  FolderOpen,
  FolderPlus,
  type LucideIcon,
  MemoryStick,
  Monitor,
  Moon,
  Pause,
  Play,
  Plus,
  RefreshCw,
  RotateCw,
  ScrollText,
  Search,
  Send,
  Server,
  ShieldCheck,
  SlidersHorizontal,
  Square,
  Sun,
  Trash2,
  Undo2,
  Waypoints,
  Workflow,
  Wrench,
} from 'lucide-react';

import type { Screen } from '@renderer/routing/route';

const SCREEN_ICONS: Readonly<Record<Screen, LucideIcon>> = {
  servers: Server,
  models: Box,
  discover: Compass,
  engines: Cpu,
  gateway: Workflow,
  settings: SlidersHorizontal,
};

const ICONS: Readonly<Record<string, LucideIcon>> = {
  start: Play,
  stop: Square,
  'stop-all': Square,
  restart: RotateCw,
  show: Eye,
  'make-room': MemoryStick,
  logs: ScrollText,
  edit: SlidersHorizontal,
  setting: SlidersHorizontal,
  new: Plus,
  'engine-install': Download,
  'engine-update': Download,
  'engine-rollback': Undo2,
  'selected:verify': ShieldCheck,
  'selected:repair': Wrench,
  'selected:delete': Trash2,
  test: Send,
  'copy-address': Copy,
  'gateway:copy': Copy,
  'gateway:requests': Waypoints,
  'gateway:sessions': History,
  'gateway:keys': KeyRound,
  'gateway-retry': RefreshCw,
  'gateway-key': KeyRound,
  duplicate: CopyPlus,
  'delete-profile': Trash2,
  'add-folder': FolderPlus,
  models: RefreshCw,
  search: Search,
  'downloads:pause': Pause,
  'downloads:resume': Play,
  'pause-download': Pause,
  'resume-download': Play,
  hub: KeyRound,
  'new-of': Plus,
  verify: ShieldCheck,
  repair: Wrench,
  reveal: FolderOpen,
  'delete-model': Trash2,
  'theme:system': Monitor,
  'theme:light': Sun,
  'theme:dark': Moon,
};

/** The icon of an action by its id: the same that its button has elsewhere. */
export function actionIcon(id: string): LucideIcon | undefined {
  const [verb = '', target = ''] = id.split(':');
  if (verb === 'go') return SCREEN_ICONS[target as Screen];
  return ICONS[id] ?? ICONS[verb];
}

/** Play and stop are filled, as on their buttons. */
export function isFilled(id: string): boolean {
  return /^(?:start|stop)\b/.test(id);
}
