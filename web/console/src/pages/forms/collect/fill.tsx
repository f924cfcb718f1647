/** Filling in one record: kept on this phone with every change, judged before it is handed in, handed in without a network too. */
import { CheckOutlined } from '@ant-design/icons';
import { useNavigate, useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Page, useTabTitle } from '../../../components/page.tsx';
import { Empty, Failure, Skeleton } from '../../../components/states.tsx';
import { clockTime } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useUrlState } from '../../../router.tsx';
import { useWords } from '../fill/context.tsx';
import { FaultSummary, FormFields, today } from '../fill/form.tsx';
import { useCollect } from '../offline/collect.tsx';
import { uuid7 } from '../offline/ids.ts';
import type { Draft, Operation } from '../offline/model.ts';
import { askForSync, keepStored } from '../offline/worker.ts';
import { hub } from '../shared/hub.ts';
import { captionOf, computed, type Design, type Fault, type Value, type Values, validate } from '../shared/pure.ts';
import type { RecordDetail } from '../shared/types.ts';
import { designOf, useBegin } from './begin.ts';
import { CollectGate } from './gate.tsx';

export default function FillPage() {
  const { t } = useSpeech();
  const { draft } = useParams({ strict: false }) as { draft: string };
  return (
    <CollectGate title={t('titles.collect-fill')}>
      {draft === 'new' ? <Beginning key="new" /> : <Opened key={draft} id={draft} />}
    </CollectGate>
  );
}

/** `/collect/fill/new?form=3` begins an empty record, `&record=…` goes on with one of the hub. */
function Beginning() {
  const { t } = useSpeech();
  const url = useUrlState();
  const { held, pulling, pullFault } = useCollect();
  const begin = useBegin();
  const begun = useRef(false);
  const [fault, setFault] = useState<unknown>(null);
  const form = url.number('form', 0);
  const record = url.get('record');
  const ready = record !== '' || held.pulled?.forms.some((one) => one.id === form);
  useEffect(() => {
    if (!ready || begun.current) return;
    begun.current = true;
    const go = record
      ? hub
          .get<RecordDetail>('/api/v1/forms/{form}/records/{record}', { params: { form, record } })
          .then((found) => begin.held(found))
      : begin.empty(form);
    go.catch(setFault);
  }, [ready, record, form, begin]);
  const none = held.pulled && !pulling && !ready;
  return (
    <Page title={t('titles.collect-fill')} back={{ to: '/collect', label: t('titles.collect') }}>
      {fault || pullFault ? (
        <Failure error={fault ?? pullFault} />
      ) : none ? (
        <Empty title={t('forms.fill.no-form')} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function Opened({ id }: { id: string }) {
  const { t } = useSpeech();
  const { store, held } = useCollect();
  const [draft, setDraft] = useState<Draft | null | undefined>(undefined);
  useEffect(() => {
    void store?.draft(id).then(setDraft);
  }, [store, id]);
  const back = { to: '/collect', label: t('titles.collect') };
  // The forms on this phone are read together with the drafts; until then nothing is known to be missing.
  const design = draft && held.pulled ? designOf(draft, held.pulled) : (draft?.design ?? null);
  if (draft === undefined || (draft && !design && !held.pulled))
    return (
      <Page title={t('titles.collect-fill')} back={back}>
        <Skeleton />
      </Page>
    );
  if (!draft)
    return (
      <Page title={t('titles.collect-fill')} back={back}>
        <Empty title={t('forms.fill.gone')}>{t('forms.fill.gone-text')}</Empty>
      </Page>
    );
  if (!design)
    return (
      <Page title={draft.caption || t('titles.collect-fill')} back={back}>
        <Empty title={t('forms.fill.no-design')}>{t('forms.fill.no-design-text')}</Empty>
      </Page>
    );
  return <Filling start={draft} design={design} />;
}

function Filling({ start, design }: { start: Draft; design: Design }) {
  const { t, language } = useSpeech();
  const words = useWords();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { store, held, online, refresh, send } = useCollect();
  const [values, setValues] = useState<Values>(start.values);
  const [faults, setFaults] = useState<readonly Fault[]>(start.faults ?? []);
  const [asked, setAsked] = useState(false);
  const [savedAt, setSavedAt] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useTabTitle(words(design.title));

  const latest = useRef(values);
  latest.current = values;
  const dirty = useRef(false);
  const draftNow = useCallback(
    (): Draft => ({
      ...start,
      values: latest.current,
      caption: captionOf(design, latest.current) || start.caption,
      updatedAt: new Date().toISOString(),
    }),
    [start, design],
  );
  const save = useCallback(async () => {
    if (!dirty.current || !store) return;
    dirty.current = false;
    try {
      const draft = draftNow();
      await store.putDraft(draft);
      setSavedAt(draft.updatedAt);
      setFault(null);
    } catch (error) {
      dirty.current = true;
      setFault(error);
    }
  }, [store, draftNow]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the values are read by `save`; a change of them is what it waits for.
  useEffect(() => {
    const timer = setTimeout(() => void save(), 400);
    return () => clearTimeout(timer);
  }, [values, save]);
  useEffect(() => {
    // A phone may end the page without a word once it is out of sight.
    const hidden = () => document.visibilityState === 'hidden' && void save();
    document.addEventListener('visibilitychange', hidden);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      void save().then(refresh);
    };
  }, [save, refresh]);

  const judge = (of: Values): Fault[] =>
    validate(design, of, {
      today: today(),
      whole: true,
      knows: (table, code, under) => {
        const list = held.pulled?.tables[`${table}:${under ?? ''}`];
        return !list?.length || list.some((one) => one.code === code);
      },
    });
  const set = (name: string, value: Value | null) => {
    dirty.current = true;
    const next = { ...latest.current, [name]: value } as Values;
    latest.current = next;
    setValues(next);
    // Once handing in was tried, what is mended disappears at once.
    if (asked) setFaults(judge(next));
    else setFaults((before) => before.filter((one) => one.at !== name && !one.at.startsWith(`${name}[`)));
  };

  const handIn = async () => {
    setAsked(true);
    const found = judge(values);
    setFaults(found);
    if (found.length) {
      setTimeout(() => document.getElementById('ff-summary')?.focus(), 0);
      document.getElementById('ff-summary')?.scrollIntoView({ block: 'start' });
      return;
    }
    if (!store) return;
    setBusy(true);
    try {
      const draft = draftNow();
      const fresh = start.base === null && !start.after;
      const operation: Operation = {
        kind: fresh ? 'create' : 'change',
        key: uuid7(),
        record: start.id,
        form: start.form,
        at: draft.updatedAt,
        version: start.version,
        values: computed(design, values, today()).values,
        base: start.base,
        ...(start.after ? { after: start.after } : {}),
        ...(start.task === undefined ? {} : { task: start.task }),
        ...(start.target === undefined ? {} : { target: start.target }),
        caption: draft.caption,
        draft,
      };
      dirty.current = false;
      await store.handIn(draft, operation);
      void keepStored();
      void askForSync();
      await refresh();
      void message.success(t(online ? 'forms.fill.handed-in' : 'forms.fill.handed-in-offline'));
      void navigate({ to: '/collect', search: { tab: 'waiting' } as never });
      if (online) void send();
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  };

  return (
    <Page
      title={words(design.title)}
      lead={start.caption && start.task !== undefined ? start.caption : undefined}
      back={{ to: '/collect', label: t('titles.collect') }}
    >
      <div className="collect fill">
        {start.reason ? <p className="note warn">{t('forms.collect.returned', { reason: start.reason })}</p> : null}
        <FaultSummary design={design} faults={faults} />
        <FormFields
          form={start.form}
          record={start.id}
          design={design}
          values={values}
          set={set}
          faults={faults}
          online={online}
          store={store}
          tables={held.pulled?.tables ?? {}}
        />
        {fault ? <Failure error={fault} /> : null}
        <div className="fill-foot">
          <span className="small quiet" aria-live="polite" lang={language === 'zh' ? 'zh-CN' : 'en'}>
            {savedAt ? (
              <>
                <CheckOutlined aria-hidden="true" /> {t('forms.fill.saved', { at: clockTime(savedAt) })}
              </>
            ) : (
              t('forms.fill.saves-itself')
            )}
            {online ? '' : ` · ${t('forms.collect.offline-short')}`}
          </span>
          <Button type="primary" size="large" loading={busy} onClick={() => void handIn()}>
            {t('forms.fill.hand-in')}
          </Button>
        </div>
      </div>
    </Page>
  );
}
