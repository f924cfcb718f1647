/** 现场上报: what somebody sees in the field, with pictures and place, kept on the phone and sent when there is a network; what became of it. */
import { Link } from '@tanstack/react-router';
import { App, Button, Input, Select } from 'antd';
import { useEffect, useId, useState } from 'react';
import { Label, Page } from '../../../components/page.tsx';
import { Empty, Skeleton } from '../../../components/states.tsx';
import { Instant } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { Camera, SpotInput } from './camera.tsx';
import { useDraft } from './draft.ts';
import { FieldGate, useField } from './field.tsx';
import { missing } from './model.ts';
import { useKept } from './names.ts';
import { Shell, useTab } from './shell.tsx';
import { WaitingList } from './waiting.tsx';
import { fieldKept } from './worker.ts';

export default function FieldReport() {
  const { t } = useSpeech();
  return (
    <FieldGate title={t('titles.field-report')}>
      <Page title={t('titles.field-report')}>
        <Parts />
      </Page>
    </FieldGate>
  );
}

function Parts() {
  const tab = useTab();
  return (
    <Shell part={tab}>
      {tab === 'mine' ? <Mine /> : tab === 'waiting' ? <WaitingList /> : <Write />}
      {tab === 'waiting' ? <OnThisPhone /> : null}
    </Shell>
  );
}

function Write() {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const { held, handIn, online } = useField();
  const id = useId();
  const { draft, found, change, clear } = useDraft('report', 'report');
  const [busy, setBusy] = useState(false);
  if (!draft) return <Skeleton rows={5} />;
  const lacks = missing(draft, false);
  const send = async () => {
    setBusy(true);
    const what = draft.text.trim().slice(0, 24);
    await handIn(draft, null, t('events.field.report-of', { what }));
    await clear(false);
    setBusy(false);
    void message.success(t(online ? 'events.field.handed-in' : 'events.field.kept'));
  };
  return (
    <section className="collect-card">
      {found ? <p className="small quiet">{t('events.field.draft-found')}</p> : null}
      <div className="ff">
        <div className="ff-field">
          <label htmlFor={`${id}-t`} className="ff-label">
            {t('events.field.what')}
            <span className="ff-required">{t('common.required')}</span>
          </label>
          <Input.TextArea
            id={`${id}-t`}
            rows={4}
            maxLength={2000}
            value={draft.text}
            placeholder={t('events.said-hint')}
            onChange={(event) => change({ text: event.target.value })}
          />
        </div>
        <Camera kind="scene" value={draft.pictures} onChange={(pictures) => change({ pictures })} />
        <SpotInput value={draft.spot} onChange={(spot) => change({ spot })} />
        <div className="ff-field">
          <label htmlFor={`${id}-a`} className="ff-label">
            {t('events.address')}
          </label>
          <Input
            id={`${id}-a`}
            maxLength={300}
            value={draft.address}
            placeholder={t('events.address-hint')}
            onChange={(event) => change({ address: event.target.value })}
          />
        </div>
        <div className="ff-field">
          <label htmlFor={`${id}-m`} className="ff-label">
            {t('events.matter')}
          </label>
          <Select
            id={`${id}-m`}
            aria-label={t('events.matter')}
            allowClear
            placeholder={t('events.matter-by-words')}
            showSearch={{ optionFilterProp: 'label' }}
            value={draft.matter}
            options={(held.pulled?.catalogue.matters ?? []).map((m) => ({
              value: m.id,
              label: `${say(m.groupTitle)} · ${say(m.title)}`,
            }))}
            onChange={(matter: string | undefined) => change({ matter: matter ?? null })}
          />
        </div>
        <Button type="primary" size="large" block disabled={lacks !== null} loading={busy} onClick={() => void send()}>
          {t('events.field.send-report')}
        </Button>
        {lacks ? <p className="small quiet">{t(`events.field.lacks.${lacks}`)}</p> : null}
        {online ? null : <p className="small quiet">{t('events.field.kept-note')}</p>}
        {draft.text || draft.pictures.length ? (
          <Button type="text" onClick={() => void clear(true)}>
            {t('events.clear')}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

/** What one reported, and how far it has come. */
function Mine() {
  const { t } = useSpeech();
  const { held, online } = useField();
  const kept = useKept();
  if (!held.pulled) return online ? <Skeleton rows={4} /> : <Empty title={t('events.field.not-fetched')} />;
  if (held.pulled.own.length === 0)
    return <Empty title={t('events.field.no-own')}>{t('events.field.no-own-text')}</Empty>;
  return (
    <ul className="collect-list">
      {held.pulled.own.map((o) => (
        <li key={o.report} className="collect-card">
          <div className="row spread">
            <h3>
              <Link to="/events/$event" params={{ event: String(o.event) } as never}>
                {kept.matter(o.matter)}
              </Link>
            </h3>
            <Label tone={o.state === 'closed' ? 'good' : 'info'}>{kept.state(o.state)}</Label>
          </div>
          <p className="event-row-text">{o.text}</p>
          <p className="small quiet">
            <span className="num">{o.number}</span> · <Instant at={o.at} />
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Whether the pages open without a network, and how what lies here is guarded. */
function OnThisPhone() {
  const { t } = useSpeech();
  const [kept, setKept] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const there = await fieldKept();
      setKept(there);
      if (!there) timer = setTimeout(() => void look(), 1500);
    };
    void look();
    return () => clearTimeout(timer);
  }, []);
  return (
    <details className="collect-card fold">
      <summary>{t('forms.phone.title')}</summary>
      <ul className="stack-s small">
        <li>{t(kept ? 'forms.phone.shell' : 'forms.phone.no-shell')}</li>
        <li>{t('events.field.guard')}</li>
      </ul>
    </details>
  );
}
