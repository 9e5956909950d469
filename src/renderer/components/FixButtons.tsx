import { Ellipsis } from 'lucide-react';
import { Button, IconButton } from './Button';
import { Menu } from './Menu';
import { useMedia } from './use-media';

export interface Fix {
  readonly label: string;
  readonly onSelect: () => void;
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
      <Button kind={primary ? 'primary' : 'secondary'} onClick={first.onSelect}>
        {first.label}
      </Button>
      {!narrow &&
        others.map(({ label, onSelect }) => (
          <Button key={label} onClick={onSelect}>
            {label}
          </Button>
        ))}
      {narrow && others.length > 0 && (
        <Menu
          align="start"
          trigger={
            <IconButton label="Other fixes" className="bg-button shadow-button">
              <Ellipsis size={16} strokeWidth={1.5} />
            </IconButton>
          }
          items={others.map(({ label, onSelect }) => ({ label, onSelect }))}
        />
      )}
    </>
  );
}
