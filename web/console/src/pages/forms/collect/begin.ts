/** Beginning a record: an empty one, one of a task's target, one that was returned, or one that waits and is changed once more. */
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useCollect } from '../offline/collect.tsx';
import { uuid7 } from '../offline/ids.ts';
import type { Draft, Pulled, Waiting } from '../offline/model.ts';
import { hub } from '../shared/hub.ts';
import { captionOf, type Design } from '../shared/pure.ts';
import type { PulledRecord, RecordDetail, TargetItem, VersionDetail } from '../shared/types.ts';

/** The design of a draft: its own, or the published one on this phone; null: the phone has none. */
export function designOf(draft: Draft, pulled: Pulled | null): Design | null {
  if (draft.design) return draft.design;
  const form = pulled?.forms.find((one) => one.id === draft.form);
  return form && form.version === draft.version ? form.design : null;
}

const stamp = () => new Date().toISOString();

export interface Begin {
  empty(form: number, target?: { task: number; target: TargetItem }): Promise<void>;
  returned(record: PulledRecord): Promise<void>;
  /** A record of the hub, for whoever may change it. */
  held(record: RecordDetail): Promise<void>;
  /** What waits, once more: `mend` takes what cannot be sent out of the queue, else a second hand-in follows the first. */
  waiting(item: Waiting): Promise<void>;
  open(id: string): void;
}

export function useBegin(): Begin {
  const { store, held } = useCollect();
  const navigate = useNavigate();
  const open = useCallback(
    (id: string) => void navigate({ to: '/collect/fill/$draft', params: { draft: id } as never }),
    [navigate],
  );
  const keep = async (draft: Draft) => {
    // The same record is one draft: what was begun is gone on with.
    const there = await store?.draft(draft.id);
    if (!there) await store?.putDraft(draft);
    open(draft.id);
  };
  return {
    open,
    async empty(form, at) {
      const found = held.pulled?.forms.find((one) => one.id === form);
      if (!found) return;
      const values = at?.target.values ?? {};
      await keep({
        id: uuid7(),
        form,
        version: found.version,
        caption: at?.target.title ?? captionOf(found.design, values),
        values,
        base: null,
        ...(at ? { task: at.task, target: at.target.id } : {}),
        startedAt: stamp(),
        updatedAt: stamp(),
      });
    },
    async returned(record) {
      const form = held.pulled?.forms.find((one) => one.id === record.form);
      const same = form?.version === record.version;
      const design = same
        ? undefined
        : (
            await hub.get<VersionDetail>('/api/v1/forms/{form}/versions/{version}', {
              params: { form: record.form, version: record.version },
            })
          ).design;
      await keep({
        id: record.id,
        form: record.form,
        version: record.version,
        caption: record.caption,
        values: record.values,
        base: record.revision,
        reason: record.reason,
        ...(design ? { design } : {}),
        startedAt: stamp(),
        updatedAt: stamp(),
      });
    },
    async held(record) {
      await keep({
        id: record.id,
        form: record.form,
        version: record.version,
        caption: record.caption,
        values: record.values,
        base: record.revision,
        design: record.design,
        startedAt: stamp(),
        updatedAt: stamp(),
      });
    },
    async waiting(item) {
      const { operation, fault } = item;
      const draft: Draft = { ...operation.draft, values: operation.values, updatedAt: stamp() };
      if (item.standing === 'refused') {
        // What was changed after it was handed in is newer: a draft of it, or a later hand-in that waits behind this one.
        const newer = await store?.draft(draft.id);
        const behind = held.waiting.filter((one) => one.subject === item.subject).at(-1);
        await store?.takeBack(item, {
          ...draft,
          values: newer?.values ?? behind?.operation.values ?? draft.values,
          faults: fault?.fields?.map((f) => ({ ...f, code: fault.code })) ?? [],
          // Faults at fields say it themselves.
          reason: fault?.fields?.length ? null : (fault?.zh ?? null),
        });
        open(draft.id);
        return;
      }
      await keep({ ...draft, base: null, after: operation.key });
    },
  };
}
