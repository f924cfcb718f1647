/** 坐席登记: a call or a visitor is taken down; what looks the same is shown before it is filed; the answer to give stands at the end. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, DatePicker, Input, Radio, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { type ReactNode, useId, useRef, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Likely, type LikelyAnswer, useLikely } from './likely.tsx';
import { PictureInput } from './picture-input.tsx';
import { PlaceMap, type Point } from './place-map.tsx';
import { Due, StateLabel, useCatalogue, useNames, useWithin } from './shared.tsx';

type Received = Answer<'/api/v1/events/reports', 'post'>;
const channels = ['hotline', 'desk'] as const;

interface Draft {
  channel: (typeof channels)[number];
  matter: string | undefined;
  text: string;
  address: string;
  place: Point | null;
  at: Dayjs | null;
  phone: string;
  pictures: string[];
}
const empty: Draft = {
  ...{ channel: 'hotline', matter: undefined, text: '', address: '', place: null, at: null, phone: '', pictures: [] },
};

export default function Desk() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(empty);
  const [filed, setFiled] = useState<Received>();
  const [answer, setAnswer] = useState<LikelyAnswer['likely'][number]['event']>();
  // One key for one intent: pressing twice, or again after a broken line, files one report.
  const key = useRef(crypto.randomUUID());
  const set = (patch: Partial<Draft>) => setDraft((before) => ({ ...before, ...patch }));
  const said = {
    text: draft.text.trim(),
    matter: draft.matter,
    address: draft.address.trim() || undefined,
    longitude: draft.place?.lon,
    latitude: draft.place?.lat,
    at: draft.at?.toISOString(),
  };
  const likely = useLikely(said);
  const send = useMutation({
    mutationFn: () =>
      api.post('/api/v1/events/reports', {
        body: {
          ...said,
          ...{ key: key.current, channel: draft.channel, pictures: draft.pictures },
          phone: draft.phone.trim() || undefined,
        },
      }),
    onSuccess: (received) => {
      key.current = crypto.randomUUID();
      setFiled(received);
      setAnswer(undefined);
      return client.invalidateQueries({ queryKey: ['events'] });
    },
  });
  const again = () => {
    setDraft({ ...empty, channel: draft.channel });
    setFiled(undefined);
    send.reset();
  };
  const ready = [...said.text].length >= 2 && (draft.place !== null || (said.address?.length ?? 0) >= 2);
  return (
    <Page
      title={t('titles.events-new')}
      lead={t('events.desk-lead')}
      back={{ to: '/events', label: t('titles.events') }}
    >
      {filed ? (
        <Filed received={filed} again={again} />
      ) : (
        <div className="event-desk">
          <Panel title={t('events.desk-form')}>
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                send.mutate();
              }}
            >
              <Fields draft={draft} set={set} found={likely.data} />
              {send.isError ? <Failure error={send.error} /> : null}
              <div className="row">
                <Button type="primary" size="large" htmlType="submit" disabled={!ready} loading={send.isPending}>
                  {t('events.file-it')}
                </Button>
                <Button onClick={again}>{t('events.clear')}</Button>
                <span className="small quiet">{t('events.desk-needs')}</span>
              </div>
            </form>
          </Panel>
          <div className="stack">
            {answer ? <Tell event={answer} onClose={() => setAnswer(undefined)} /> : null}
            <Panel title={t('events.likely')}>
              <Likely query={likely} onRemark={setAnswer} />
            </Panel>
          </div>
        </div>
      )}
    </Page>
  );
}

function Field({ label, note, children }: { label: string; note?: ReactNode; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="stack-s" style={{ gap: 4 }}>
      <label htmlFor={id} className="strong">
        {label}
      </label>
      {children(id)}
      {note ? <div className="small quiet">{note}</div> : null}
    </div>
  );
}

function Fields({
  draft,
  set,
  found,
}: {
  draft: Draft;
  set: (patch: Partial<Draft>) => void;
  found: LikelyAnswer | undefined;
}) {
  const { t, say } = useSpeech();
  const names = useNames();
  const within = useWithin();
  const { data } = useCatalogue();
  const matter = names.matterOf(draft.matter ?? found?.matter ?? null);
  return (
    <>
      <Field label={t('events.channel')}>
        {(id) => (
          <Radio.Group
            id={id}
            value={draft.channel}
            options={channels.map((c) => ({ value: c, label: names.channel(c) }))}
            onChange={(event) => set({ channel: event.target.value as Draft['channel'] })}
          />
        )}
      </Field>
      <Field label={t('events.said')}>
        {(id) => (
          <Input.TextArea
            id={id}
            rows={4}
            maxLength={2000}
            value={draft.text}
            placeholder={t('events.said-hint')}
            onChange={(event) => set({ text: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={t('events.matter')}
        note={
          matter ? (
            <>
              {draft.matter
                ? null
                : `${t('events.read-as', { matter: say(matter.title) })}${
                    found?.words.length ? `（${found.words.join('、')}）` : ''
                  } `}
              {names.organisation(matter.responsible)} ·{' '}
              {matter.limits.map((l) => `${say(l.title)} ${within(l.within)}`).join('，')}
            </>
          ) : (
            t('events.matter-auto')
          )
        }
      >
        {(id) => (
          <Select
            id={id}
            aria-label={t('events.matter')}
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('events.matter-by-words')}
            value={draft.matter ?? null}
            options={(data?.matters ?? []).map((m) => ({
              value: m.id,
              label: `${say(m.groupTitle)} · ${say(m.title)}`,
            }))}
            onChange={(value: string | undefined) => set({ matter: value })}
          />
        )}
      </Field>
      <Field label={t('events.address')}>
        {(id) => (
          <Input
            id={id}
            maxLength={300}
            value={draft.address}
            placeholder={t('events.address-hint')}
            onChange={(event) => set({ address: event.target.value })}
          />
        )}
      </Field>
      <PlaceMap at={draft.place} onPlace={(place) => set({ place })} height={280} />
      <div className="cols-2">
        <Field label={t('events.occurred')} note={t('events.occurred-note')}>
          {(id) => (
            <DatePicker
              id={id}
              aria-label={t('events.occurred')}
              showTime={{ format: 'HH:mm' }}
              format="YYYY-MM-DD HH:mm"
              value={draft.at}
              maxDate={dayjs()}
              onChange={(at) => set({ at })}
            />
          )}
        </Field>
        <Field label={t('events.phone-of')} note={t('events.phone-note')}>
          {(id) => (
            <Input
              id={id}
              type="tel"
              maxLength={30}
              autoComplete="off"
              value={draft.phone}
              onChange={(event) => set({ phone: event.target.value })}
            />
          )}
        </Field>
      </div>
      <PictureInput kind="scene" value={draft.pictures} onChange={(pictures) => set({ pictures })} />
    </>
  );
}

/** The caller asks for what is known already: what may be told. */
function Tell({ event, onClose }: { event: LikelyAnswer['likely'][number]['event']; onClose: () => void }) {
  const { t } = useSpeech();
  const names = useNames();
  return (
    <div className="note good" role="status">
      <h2>{t('events.tell-title')}</h2>
      <p>
        {t('events.tell-text', {
          number: event.number,
          matter: names.matter(event.matter),
          organisation: names.organisation(event.organisation) || t('events.nobody-yet'),
        })}{' '}
        <StateLabel state={event.state} /> <Due of={event} />
      </p>
      <Button size="small" onClick={onClose}>
        {t('common.close')}
      </Button>
    </div>
  );
}

function Filed({ received, again }: { received: Received; again: () => void }) {
  const { t } = useSpeech();
  return (
    <div className="note good stack-s" role="status">
      <h2>
        {t(received.joined ? 'events.filed-joined' : 'events.filed', { number: received.number })}{' '}
        <StateLabel state={received.state} />
      </h2>
      <p>
        {received.joined
          ? t('events.filed-joined-text', { p: percent(received.probability, 0) })
          : t(`events.filed-${['registered', 'filed'].includes(received.state) ? 'waits' : 'sent'}`)}
      </p>
      <div className="row">
        <Button type="primary" onClick={again}>
          {t('events.next-call')}
        </Button>
        <Link to="/events/$event" params={{ event: String(received.event) } as never}>
          {t('events.open-event')}
        </Link>
      </div>
    </div>
  );
}
