import { Ellipsis } from 'lucide-react';

import { Button, type ButtonKind, IconButton } from './Button';
import { Menu } from './Menu';
import { useMedia } from './use-media';

export interface Fix {
  readonly label: string;
  readonly onSelect: () => void;
  /** Not what most people want: a plain button. */
  readonly plain?: boolean;
  /** Why it cannot act now. */
  readonly reason?: string | false | undefined;
  /** Its work is under way. */
  readonly busy?: boolean;
}

interface FixButtonsProps {
  /** The primary fix first. */
  readonly fixes: readonly Fix[];
  /** False: the first one is a way on, but mends nothing by itself. */
  readonly primary?: boolean;
}

/** The fixes of an error block: in a small window the first is a button, the others are in its menu. */
export function FixButtons({ fixes, primary = true }: FixButtonsProps) {
  const narrow = useMedia('(width < 1000px)');
  const [first, ...others] = fixes;
  if (!first) return null;
  return (
    <>
      <FixButton fix={first} kind={primary && !first.plain ? 'primary' : 'secondary'} />
      {!narrow &&
        others.map((fix) => (
          <FixButton key={fix.label} fix={fix} kind={fix.plain ? 'plain' : 'secondary'} />
        ))}
      {narrow && others.length > 0 && (
        <Menu
          align="start"
          trigger={
            <IconButton label="Other fixes" className="bg-button shadow-button">
              <Ellipsis size={16} strokeWidth={1.5} />
            </IconButton>
          }
          items={others.map(({ label, onSelect, reason }) => ({
            label,
            onSelect,
            reason,
            writes: true,
          }))}
        />
      )}
    </>
  );
}

function FixButton({ fix, kind }: { readonly fix: Fix; readonly kind: ButtonKind }) {
  const { label, onSelect, reason, busy = false } = fix;
  return (
    <Button
      writes
      kind={kind}
      busy={busy}
      reason={reason}
      onClick={onSelect}
      className="max-w-full"
    >
      <span className="truncate">{label}</span>
    </Button>
  );
}
