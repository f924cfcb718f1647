/** What waits to be sent: each record with how far it is, what is wrong with it, and both versions where somebody else changed it too. */
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { Label } from '../../../components/page.tsx';
import { Empty, Failure, Skeleton } from '../../../components/states.tsx';
import { instant } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useSession } from '../../../session/session.tsx';
import { usePlaceName } from '../fill/form.tsx';
import { useCollect } from '../offline/collect.tsx';
import type { Waiting } from '../offline/model.ts';
import { Differences } from '../shared/differences.tsx';
import { hub } from '../shared/hub.ts';
import type { Design } from '../shared/pure.ts';
import type { RecordDetail } from '../shared/types.ts';
import { designOf, useBegin } from './begin.ts';

const tones = { waiting: 'info', sending: 'primary', refused: 'bad', conflict: 'warn' } as const;

export function WaitingList() {
  const { t } = useSpeech();
  const { held } = useCollect();
  if (held.waiting.length === 0)
    return <Empty title={t('forms.collect.no-waiting')}>{t('forms.collect.no-waiting-text')}</Empty>;
  return (
    <ul className="collect-list">
      {held.waiting.map((item) => (
        <One key={item.id} item={item} />
      ))}
    </ul>
  );
}

function One({ item }: { item: Waiting }) {
  const { t, language } = useSpeech();
  const { held, progress } = useCollect();
  const begin = useBegin();
  const [open, setOpen] = useState(false);
  const { operation, fault } = item;
  const now = progress?.key === item.id ? progress : null;
  const design = designOf(operation.draft, held.pulled);
  return (
    <li className="collect-card">
      <div className="row spread">
        <h2>{operation.caption || `#${operation.form}`}</h2>
        <Label tone={tones[item.standing]}>{t(`forms.standing.${item.standing}`)}</Label>
      </div>
      <p className="small quiet">{t('forms.collect.handed-in', { at: instant(operation.at) })}</p>
      {now ? (
        <progress
          className="progress"
          aria-label={t('forms.standing.sending')}
          value={now.files.arrived + 1}
          max={now.files.all + 2}
        />
      ) : null}
      {fault && item.standing !== 'conflict' ? (
        <div className={item.standing === 'refused' ? 'note bad' : 'note warn'}>
          <p>
            {fault[language]} <code className="small quiet">{fault.code}</code>
          </p>
          {fault.fields && design ? <FaultLines fields={fault.fields} design={design} /> : null}
          {item.standing === 'waiting' ? (
            <p className="small">{t('forms.collect.again', { n: item.attempts, at: instant(item.notBefore) })}</p>
          ) : null}
        </div>
      ) : null}
      {item.standing === 'conflict' ? <p className="note warn">{t('forms.conflict.text')}</p> : null}
      <div className="row">
        {item.standing === 'conflict' ? (
          <Button type="primary" onClick={() => setOpen((o) => !o)} aria-expanded={open}>
            {t('forms.conflict.look')}
          </Button>
        ) : (
          <Button disabled={item.standing === 'sending'} onClick={() => void begin.waiting(item)}>
            {t(item.standing === 'refused' ? 'forms.collect.mend' : 'forms.collect.change-once-more')}
          </Button>
        )}
      </div>
      {open && design ? <Conflict item={item} design={design} /> : null}
    </li>
  );
}

function FaultLines({ fields, design }: { fields: readonly { at: string; zh: string; en: string }[]; design: Design }) {
  const { language } = useSpeech();
  const name = usePlaceName(design);
  return (
    <ul className="small">
      {fields.map((f) => (
        <li key={f.at + f.en}>
          <span className="strong">{name(f.at)}</span> {f[language]}
        </li>
      ))}
    </ul>
  );
}

/** Both versions side by side; whoever may settles it here, else the office does. */
function Conflict({ item, design }: { item: Waiting; design: Design }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const { store, refresh, online } = useCollect();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { operation } = item;
  const params = { form: operation.form, record: operation.record };
  const record = useQuery({
    queryKey: ['forms', 'conflict', operation.record],
    queryFn: ({ signal }) => hub.get<RecordDetail>('/api/v1/forms/{form}/records/{record}', { params, signal }),
    enabled: online,
    staleTime: 0,
  });
  if (!online) return <p className="small quiet">{t('forms.conflict.offline')}</p>;
  if (record.isError) return <Failure error={record.error} retry={() => void record.refetch()} />;
  if (!record.data) return <Skeleton rows={3} />;
  const data = record.data;
  const own = data.conflictList.findLast((one) => one.by.login === me.user.login) ?? data.conflictList.at(-1);
  const done = () =>
    store
      ?.settle(item.id, {
        key: item.id,
        record: operation.record,
        form: operation.form,
        caption: operation.caption,
        at: operation.at,
        keptAt: new Date().toISOString(),
        revision: data.revision,
        state: data.state,
      })
      .then(refresh);
  const settle = async (take: 'present' | 'other') => {
    setBusy(true);
    setFault(null);
    try {
      if (own)
        await hub.post('/api/v1/forms/{form}/records/{record}/settle', {
          params,
          body: { seq: own.seq, revision: data.revision, take },
        });
      await done();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack-s">
      <Differences
        design={design}
        before={data.values}
        after={operation.values}
        titles={[t('forms.conflict.theirs', { at: instant(data.updatedAt) }), t('forms.conflict.mine')]}
      />
      {fault ? <Failure error={fault} /> : null}
      <div className="row">
        {data.may.settle && own ? (
          <>
            <Button loading={busy} onClick={() => void settle('other')}>
              {t('forms.conflict.take-mine')}
            </Button>
            <Button loading={busy} onClick={() => void settle('present')}>
              {t('forms.conflict.take-theirs')}
            </Button>
          </>
        ) : (
          <Button onClick={() => void done()}>{t(own ? 'forms.conflict.leave' : 'forms.conflict.settled')}</Button>
        )}
      </div>
    </div>
  );
}
