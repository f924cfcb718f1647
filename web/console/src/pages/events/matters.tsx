/** 事项与派遣规则: the catalogue in force as people read it: limits, proof, words, who answers; rules in their order; faults with their place. */
import { Input } from 'antd';
import { useId, useState } from 'react';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { shortHash } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { type Catalogue, type Matter, useCatalogue, useNames, useWithin } from './shared.tsx';

export default function Matters() {
  const { t } = useSpeech();
  const catalogue = useCatalogue();
  return (
    <Page title={t('titles.events-matters')} lead={t('events.matters-lead')}>
      <Loaded query={catalogue}>
        {(data) => (
          <div className="stack">
            <Faults data={data} />
            <p className="small quiet">
              {t('events.catalogue-version', {
                version: data.version,
                digest: shortHash(data.digest),
                matters: data.matters.length,
                rules: data.rules.length,
              })}{' '}
              {t('events.hours', { hours: data.hours.join('、') })}
            </p>
            <Rules data={data} />
            <All data={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Faults({ data }: { data: Catalogue }) {
  const { t, say } = useSpeech();
  if (data.faults.length === 0) return null;
  return (
    <div className="note bad" role="status">
      <p className="strong">{t('events.faults', { n: data.faults.length })}</p>
      <ul className="small">
        {data.faults.map((f) => (
          <li key={`${f.file}:${f.line}:${f.title.en}`}>
            <code>
              {f.file}
              {f.line === null ? '' : `:${f.line}`}
            </code>{' '}
            {say(f.title)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Rules({ data }: { data: Catalogue }) {
  const { t, say } = useSpeech();
  const names = useNames();
  const list = (value: unknown, name: (id: string) => string) =>
    Array.isArray(value) && value.length ? value.map((v) => name(String(v))).join('、') : null;
  return (
    <Panel title={t('events.rules')} extra={<span className="quiet">{t('events.rules-note')}</span>}>
      {data.rules.length === 0 ? (
        <Empty title={t('events.rules-none')} />
      ) : (
        <ol className="event-rules">
          {data.rules.map((r) => {
            const conditions = [
              [t('events.matter'), list(r.when.matters, names.matter)],
              [t('events.group'), list(r.when.groups, names.group)],
              [t('events.town'), list(r.when.towns, names.town)],
              [t('events.channel'), list(r.when.channels, names.channel)],
              [t('events.urgency'), r.when.urgency ? t(`events.urgency-${String(r.when.urgency)}`) : null],
            ].filter((c): c is [string, string] => c[1] !== null);
            return (
              <li key={r.name.zh}>
                <p className="strong">{say(r.name)}</p>
                <p className="small">
                  <span className="quiet">{t('events.rule-when')} </span>
                  {conditions.length
                    ? conditions.map(([name, value]) => `${name} ${value}`).join('；')
                    : t('events.rule-always')}
                </p>
                <p className="row small">
                  <span className="quiet">{t('events.rule-then')}</span>
                  <span>{r.to ? names.organisation(r.to) : t('events.rule-matter')}</span>
                  {r.joint.length ? (
                    <span>
                      {t('events.joint')} {r.joint.map((o) => names.organisation(o)).join('、')}
                    </span>
                  ) : null}
                  <Label tone={r.auto ? 'good' : 'warn'}>{t(r.auto ? 'events.rule-auto' : 'events.rule-people')}</Label>
                  {r.supervise ? <Label tone="weft">{t('events.mark.supervised')}</Label> : null}
                </p>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}

function All({ data }: { data: Catalogue }) {
  const { t, say } = useSpeech();
  const names = useNames();
  const within = useWithin();
  const id = useId();
  const [words, setWords] = useState('');
  const fits = (m: Matter) =>
    !words ||
    [m.title.zh, m.title.en, m.code, m.id, names.organisation(m.responsible), ...m.words].some((x) =>
      x.toLowerCase().includes(words.toLowerCase()),
    );
  const groups = [...new Set(data.matters.map((m) => m.group))];
  const found = data.matters.filter(fits);
  return (
    <>
      <search className="filters" style={{ marginBlockEnd: 0 }}>
        <div className="filter" style={{ minWidth: 280 }}>
          <label htmlFor={id}>{t('events.find-matter')}</label>
          <Input id={id} allowClear value={words} maxLength={40} onChange={(e) => setWords(e.target.value.trim())} />
        </div>
      </search>
      {found.length === 0 ? <Empty title={t('events.matters-none')} /> : null}
      {groups.map((group) => {
        const rows = found.filter((m) => m.group === group);
        if (rows.length === 0) return null;
        return (
          <Panel
            key={group}
            title={names.group(group)}
            flush
            extra={<span className="quiet">{t(`events.kind.${rows[0]!.kind}`)}</span>}
          >
            <DataTable
              caption={names.group(group)}
              rows={rows}
              rowKey={(m) => m.id}
              columns={[
                { key: 'code', title: t('events.code'), tight: true, render: (m) => <code>{m.code}</code> },
                {
                  key: 'title',
                  title: t('events.matter'),
                  head: true,
                  render: (m) => (
                    <>
                      {say(m.title)} {m.urgency === 'urgent' ? <Label tone="bad">{t('events.urgent')}</Label> : null}
                    </>
                  ),
                },
                {
                  key: 'responsible',
                  title: t('events.organisation'),
                  render: (m) => names.organisation(m.responsible),
                },
                { key: 'accept', title: t('events.accept-within'), tight: true, render: (m) => within(m.accept) },
                {
                  key: 'limits',
                  title: t('events.limits'),
                  render: (m) => (
                    <ul className="event-limits">
                      {m.limits.map((l) => (
                        <li key={l.id}>
                          {say(l.title)} <span className="num">{within(l.within)}</span>
                        </li>
                      ))}
                    </ul>
                  ),
                },
                {
                  key: 'proof',
                  title: t('events.proof'),
                  tight: true,
                  render: (m) => t(`events.proof-${m.proof}`),
                },
                {
                  key: 'open',
                  title: t('events.open-to-citizens'),
                  tight: true,
                  render: (m) => t(m.open ? 'common.yes' : 'common.no'),
                },
                {
                  key: 'words',
                  title: t('events.class-words'),
                  render: (m) => <span className="small quiet">{m.words.join('、') || '—'}</span>,
                },
              ]}
            />
          </Panel>
        );
      })}
    </>
  );
}
