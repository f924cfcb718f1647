/** What the controls of a form share: the values, what is wrong with them, where files are kept, what can be searched. */
import { createContext, useCallback, useContext } from 'react';
import type { Bilingual } from '../../../api/client.ts';
import { useSpeech } from '../../../i18n/index.ts';
import type { CollectStore } from '../offline/store.ts';
import type { Design, Fault, Value, Words } from '../shared/pure.ts';

export interface Fill {
  form: number;
  record: string;
  design: Design;
  /** Faults that are shown now. */
  faults: readonly Fault[];
  online: boolean;
  /** Where pictures and files are kept until the hub has them; null: a preview that keeps nothing. */
  store: CollectStore | null;
  /** National code tables on this phone, by `table:under`. */
  tables: Record<string, { code: string; zh: string }[]>;
}

export const FillContext = createContext<Fill | null>(null);

export function useFill(): Fill {
  const fill = useContext(FillContext);
  if (!fill) throw new Error('useFill outside FillContext');
  return fill;
}

/** A text of a design, in the page's language where the department wrote it. */
export function useWords(): (words: Words | undefined | null) => string {
  const { say } = useSpeech();
  return useCallback((words) => (words ? say({ zh: words.zh, en: words.en ?? '' } as Bilingual) : ''), [say]);
}

/** Id of the control at a place of the values (`needs[3].kind`): faults lead there. */
export const controlOf = (at: string): string => `ff-${at.replaceAll(/[^a-z0-9_]+/gi, '-')}`;

/** What a control is given. `V` is the value's type; null and undefined: not filled in. */
export interface ControlProps<F, V = Value> {
  field: F;
  at: string;
  value: V | null | undefined;
  set: (value: V | null) => void;
  required: boolean;
  label: string;
  aria: {
    id: string;
    'aria-describedby'?: string | undefined;
    'aria-invalid'?: boolean | undefined;
    'aria-required'?: boolean | undefined;
  };
}
