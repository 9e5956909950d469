import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** The models that are chosen together: the screen shows them, and the palette acts on them. */
export interface ModelSelection {
  readonly anchor: string | undefined;
  readonly refs: readonly string[];
}

export const NO_SELECTION: ModelSelection = { anchor: undefined, refs: [] };

const SelectionContext = createContext(createStore<ModelSelection>(() => NO_SELECTION));

export function useModelSelection(): [ModelSelection, (next: ModelSelection) => void] {
  const store = useContext(SelectionContext);
  return [useStore(store), (next) => store.setState(next)];
}
