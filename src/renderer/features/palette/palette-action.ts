export type PaletteGroup = 'Servers' | 'Go to' | 'Gateway' | 'Engines' | 'Models' | 'Appearance';

/** A key that does the same without the palette; `own` where a browser keeps the usual one for itself. */
export interface ActionKey {
  readonly key: string;
  readonly own?: boolean;
}

/** Something that the palette can do. */
export interface PaletteAction {
  /** `VERB` or `VERB:TARGET`. */
  readonly id: string;
  readonly label: string;
  readonly group: PaletteGroup;
  /** What else is worth knowing, beside the label. */
  readonly fact?: string;
  readonly shortcut?: ActionKey;
  /** Why it cannot act now. */
  readonly reason?: string;
  /** It is about one of many, such as a profile or a setting: it is found by its name. */
  readonly named?: true;
  /** Where its subject is, for who wants to look first. */
  readonly show?: string;
}
