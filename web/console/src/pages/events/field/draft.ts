/** A draft that is on the phone while it is written: opened with the page, written a moment after every change. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useField } from './field.tsx';
import { type Draft, emptyDraft } from './model.ts';

export function useDraft(id: string, action: string) {
  const { store } = useField();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [found, setFound] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef<Draft | null>(null);
  useEffect(() => {
    let gone = false;
    void store.draft(id).then((kept) => {
      if (gone) return;
      setFound(kept !== null);
      latest.current = kept ?? emptyDraft(id, action);
      setDraft(latest.current);
    });
    return () => {
      gone = true;
    };
  }, [store, id, action]);
  const change = useCallback(
    (patch: Partial<Draft>) => {
      if (!latest.current) return;
      const next = { ...latest.current, ...patch, updatedAt: new Date().toISOString() };
      latest.current = next;
      setDraft(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void store.putDraft(next), 250);
    },
    [store],
  );
  /** Begins anew; what was written is gone. */
  const clear = useCallback(
    async (remove: boolean) => {
      clearTimeout(timer.current);
      if (remove) {
        for (const picture of latest.current?.pictures ?? []) await store.removePicture(picture);
        await store.removeDraft(id);
      }
      latest.current = emptyDraft(id, action);
      setFound(false);
      setDraft(latest.current);
    },
    [store, id, action],
  );
  return { draft, found, change, clear };
}
