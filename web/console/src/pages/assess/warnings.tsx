/** 预警: what the rules found, with evidence, and how it is handled. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Unit } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { OriginDrawer } from '../credit/origin.tsx';
import { useGroups } from './ranking.tsx';
import { Evidence } from './score.tsx';
import { valueText, type WarningItem } from './types.ts';

const LIMIT = 50;
const TONE = { high: 'bad', medium: 'warn', low: 'info' } as const;
const STATES = ['open', 'new', 'confirmed', 'dismissed', 'done'] as const;

export default function Warnings() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const groups = useGroups();
  const offset = url.number('offset', 0);
  const query = {
    state: (url.get('state') || 'open') as (typeof STATES)[number],
    ...(url.get('severity') ? { severity: url.get('severity') as 'high' } : {}),
    ...(url.get('rule') ? { rule: url.get('rule') } : {}),
    ...(url.get('town') ? { town: url.get('town') } : {}),
    ...(url.get('overdue') ? { overdue: 'true' as const } : {}),
    offset,
    limit: LIMIT,
  };
  const list = useQuery({
    queryKey: ['credit', 'warnings', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/warnings', { query, signal }),
    placeholderData: (before) => before,
  });
  const fact = url.get('fact');
  return (
    <Page title={t('titles.warnings')} lead={t('assess.warning.lead')}>
      <div className="stack">
        <Filters keys={['state', 'severity', 'rule', 'town', 'overdue']}>
          <ChoiceFilter
            name="state"
            label={t('assess.warning.state')}
            otherwise="open"
            width={120}
            choices={STATES.map((s) => ({ value: s, label: t(`assess.warning.${s}`) }))}
          />
          <ChoiceFilter
            name="severity"
            label={t('assess.warning.severity')}
            width={110}
            choices={(['high', 'medium', 'low'] as const).map((s) => ({ value: s, label: t(`assess.warning.${s}`) }))}
          />
          <ChoiceFilter
            name="rule"
            label={t('assess.warning.rule')}
            width={190}
            choices={(list.data?.rules ?? []).map((r) => ({ value: r.id, label: say(r.title) }))}
          />
          <ChoiceFilter name="town" label={t('assess.ranking.town')} choices={groups.town} />
          <ChoiceFilter
            name="overdue"
            label={t('assess.warning.due')}
            width={120}
            choices={[{ value: 'true', label: t('assess.warning.overdue') }]}
          />
        </Filters>
        <Loaded query={list}>
          {(data) => (
            <>
              <ul
                className="rule-counts"
                aria-label={t('assess.warning.rules')}
                style={{ listStyle: 'none', padding: 0, margin: 0 }}
              >
                {data.rules
                  .filter((r) => r.open > 0)
                  .map((r) => (
                    <li key={r.id}>
                      <button
                        type="button"
                        className="rule-count"
                        aria-pressed={url.get('rule') === r.id}
                        onClick={() =>
                          url.set({ rule: url.get('rule') === r.id ? undefined : r.id, offset: undefined })
                        }
                      >
                        {say(r.title)} <span className="num">{full(r.open)}</span>
                      </button>
                    </li>
                  ))}
              </ul>
              <Panel title={t('assess.warning.title')} flush>
                <WarningTable items={data.items} />
                <Pager
                  offset={offset}
                  limit={LIMIT}
                  total={data.total}
                  onOffset={(next) => url.set({ offset: next || undefined })}
                />
              </Panel>
            </>
          )}
        </Loaded>
      </div>
      {fact ? <OriginDrawer fact={fact} onClose={() => url.set({ fact: undefined })} /> : null}
    </Page>
  );
}

/** The warnings of one enterprise, on its page; nothing where there is none. */
export function EnterpriseWarnings({ entity }: { entity: string }) {
  const { t } = useSpeech();
  const list = useQuery({
    queryKey: ['credit', 'warnings', 'of', entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/credit/warnings', {
        query: { entity: Number(entity), state: 'open' as const, limit: 100 },
        signal,
      }),
  });
  if (!list.data?.items.length) return null;
  return (
    <Panel id="warnings" title={t('assess.warning.title')} flush>
      <WarningTable items={list.data.items} here />
    </Panel>
  );
}

function WarningTable({ items, here = false }: { items: readonly WarningItem[]; here?: boolean }) {
  const { t, say } = useSpeech();
  const { held } = useSession();
  const [handling, setHandling] = useState<WarningItem | null>(null);
  return (
    <>
      <DataTable
        caption={t('assess.warning.title')}
        rows={items}
        rowKey={(w) => w.id}
        empty={<Empty title={t('assess.warning.none')}>{t('assess.warning.none-text')}</Empty>}
        columns={[
          {
            key: 'severity',
            title: t('assess.warning.severity'),
            tight: true,
            render: (w) => <Label tone={TONE[w.severity]}>{t(`assess.warning.${w.severity}`)}</Label>,
          },
          { key: 'rule', title: t('assess.warning.rule'), head: true, render: (w) => say(w.title) },
          ...(here
            ? []
            : [
                {
                  key: 'enterprise',
                  title: t('assess.warning.enterprise'),
                  render: (w: WarningItem) => (
                    <>
                      <Link to="/credit/enterprises/$entity" params={{ entity: String(w.entity) }}>
                        {w.name ?? w.entity}
                      </Link>
                      {w.town ? <div className="small quiet">{say(w.townTitle) || w.town}</div> : null}
                    </>
                  ),
                },
              ]),
          {
            key: 'value',
            title: t('assess.warning.value'),
            align: 'end',
            render: (w) =>
              w.hidden ? (
                <span className="quiet">{t('assess.score.hidden')}</span>
              ) : w.value === null ? (
                '—'
              ) : (
                <span className="num">
                  {valueText(w.value, w.unit)}
                  {w.unit === '比率' ? null : <Unit of={w.unit} />}
                </span>
              ),
          },
          {
            key: 'day',
            title: t('assess.warning.day'),
            tight: true,
            render: (w) => (
              <>
                {w.day ?? '—'}
                <div className="small quiet">{t('assess.warning.seen', { from: w.foundOn, to: w.seenOn })}</div>
                {w.times > 1 ? (
                  <div className="small warn-text">{t('assess.warning.times', { n: w.times })}</div>
                ) : null}
              </>
            ),
          },
          {
            key: 'due',
            title: t('assess.warning.due'),
            tight: true,
            render: (w) =>
              w.dueOn && (w.state === 'new' || w.state === 'confirmed') ? (
                <span className={w.overdue ? 'bad-text' : ''}>
                  {w.dueOn}
                  {w.overdue ? <div className="small">{t('assess.warning.overdue')}</div> : null}
                </span>
              ) : (
                '—'
              ),
          },
          {
            key: 'evidence',
            title: t('assess.warning.evidence'),
            render: (w) => <Evidence facts={w.facts.slice(0, 3)} count={w.facts.length} />,
          },
          {
            key: 'state',
            title: t('assess.warning.state'),
            render: (w) => (
              <>
                {t(`assess.warning.${w.state}`)}
                {w.lapsedOn ? (
                  <div className="small quiet">{t('assess.warning.lapsed', { day: w.lapsedOn })}</div>
                ) : null}
                {w.reason ? <div className="small quiet">{w.reason}</div> : null}
              </>
            ),
          },
          ...(held.has('warning.handle')
            ? [
                {
                  key: 'handle',
                  title: <span className="visually-hidden">{t('assess.warning.handle')}</span>,
                  tight: true,
                  render: (w: WarningItem) => (
                    <Button
                      size="small"
                      onClick={() => setHandling(w)}
                      aria-label={`${t('assess.warning.handle')} ${say(w.title)} ${w.name ?? ''}`}
                    >
                      {t('assess.warning.handle')}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {handling ? <Handle warning={handling} onClose={() => setHandling(null)} /> : null}
    </>
  );
}

function Handle({ warning, onClose }: { warning: WarningItem; onClose: () => void }) {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const open = warning.state === 'new' || warning.state === 'confirmed';
  const [state, setState] = useState<'confirmed' | 'dismissed' | 'done' | 'stay'>(
    warning.state === 'new' ? 'confirmed' : 'done',
  );
  const [dueOn, setDueOn] = useState(warning.dueOn ?? '');
  const moved = /^\d{4}-\d{2}-\d{2}$/.test(dueOn) && dueOn !== warning.dueOn;
  const [reason, setReason] = useState('');
  const handle = useMutation({
    mutationFn: () =>
      api.post('/api/v1/credit/warnings/{id}/handle', {
        params: { id: String(warning.id) },
        body: {
          ...(state === 'stay' ? {} : { state }),
          ...(reason.trim() ? { reason: reason.trim() } : {}),
          ...(moved ? { dueOn } : {}),
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['credit', 'warnings'] });
      onClose();
    },
  });
  const lacking = state === 'dismissed' && reason.trim() === '';
  const nothing = state === 'stay' && reason.trim() === '' && !moved;
  return (
    <Modal
      open
      title={`${say(warning.title)} · ${warning.name ?? warning.entity}`}
      onCancel={onClose}
      okText={t('assess.warning.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !open || lacking || nothing, loading: handle.isPending }}
      onOk={() => handle.mutate()}
    >
      <div className="stack-s">
        {open ? (
          <>
            <Radio.Group
              aria-label={t('assess.warning.state')}
              value={state}
              onChange={(event) => setState(event.target.value)}
              options={[
                ...(warning.state === 'new' ? [{ value: 'confirmed', label: t('assess.warning.confirm') }] : []),
                { value: 'dismissed', label: t('assess.warning.dismiss') },
                { value: 'done', label: t('assess.warning.finish') },
                { value: 'stay', label: t('assess.warning.remark') },
              ]}
            />
            <Input.TextArea
              aria-label={t('assess.warning.reason')}
              placeholder={t('assess.warning.reason')}
              maxLength={500}
              rows={3}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
            <label className="row small" htmlFor="warning-due">
              {t('assess.warning.due')}
              <Input
                id="warning-due"
                type="date"
                style={{ width: 160 }}
                value={dueOn}
                onChange={(event) => setDueOn(event.target.value)}
              />
            </label>
            {lacking ? <p className="small warn-text">{t('assess.warning.reason-needed')}</p> : null}
          </>
        ) : null}
        {handle.isError ? <Failure error={handle.error} /> : null}
        {warning.steps.length ? (
          <>
            <h3>{t('assess.warning.handled')}</h3>
            <ul>
              {warning.steps.map((s) => (
                <li key={`${s.at} ${s.to}`} className="small">
                  <Instant at={s.at} /> {s.by}：{t(`assess.warning.${s.from}`)} → {t(`assess.warning.${s.to}`)}{' '}
                  {s.reason}
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </div>
    </Modal>
  );
}
