/** A grant: its items as they are delivered, deliveries and receipts, records of use, what was corrected, renewal and disposal. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Deliveries } from './deliveries.tsx';
import { Protection, type ShareDetail, Timeline } from './shared.tsx';
import { shareTones } from './shares.tsx';
import { StepForm } from './step-form.tsx';
import { Target } from './target.tsx';

export default function SharePage() {
  const { t, say } = useSpeech();
  const { share } = useParams({ strict: false }) as { share: string };
  const one = useQuery({
    queryKey: ['sharing', 'share', share],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/shares/{id}', { params: { id: share }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.deliveryList.some(
        (d) => d.state === 'making' || (d.transmission && d.transmission.state !== 'sent' && !d.transmission.problem),
      )
        ? 2_000
        : 60_000,
  });
  const title = one.data ? say(one.data.title) : t('titles.sharing-share');
  useTabTitle(one.data ? title : undefined);
  return (
    <Page
      title={title}
      lead={one.data ? `${say(one.data.requester.name)} ← ${say(one.data.provider.name)}` : undefined}
      back={{ to: '/sharing/shares', label: t('titles.sharing-shares') }}
      actions={
        one.data ? (
          <Link to="/sharing/requests/$request" params={{ request: String(one.data.request) } as never}>
            <Button>{t('sharing.request')}</Button>
          </Link>
        ) : null
      }
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: ShareDetail }) {
  const { t, say } = useSpeech();
  return (
    <div className="stack">
      <Panel title={t('sharing.steps')} extra={<Label tone={shareTones[data.state]}>{say(data.stateTitle)}</Label>}>
        <div className="stack-s">
          {data.mendBy ? (
            <p className="note bad">
              {t('sharing.mend-by', { day: day(data.mendBy) })}{' '}
              {data.mended ? <Label>{t('sharing.mended')}</Label> : null}
            </p>
          ) : null}
          {data.pending ? (
            <p className="note warn">
              {t('sharing.pending')}：{'end' in data.pending ? t('sharing.change-end') : t('sharing.change-until')}{' '}
              {typeof data.pending.until === 'string' ? day(data.pending.until) : ''}
            </p>
          ) : null}
          {data.renewal ? (
            <p className="note">
              {t('sharing.renewal', { until: day(data.renewal.until), reason: data.renewal.reason })}
            </p>
          ) : null}
          {data.disposal ? (
            <p className="note">
              {t('sharing.disposal')}：{data.disposal.how} · {data.disposal.where} · {day(data.disposal.day)}
            </p>
          ) : null}
          <StepForm
            steps={data.steps}
            invalidate={['sharing']}
            take={(given) =>
              api.post('/api/v1/sharing/shares/{id}/steps', {
                params: { id: data.id },
                body: { ...given, version: data.version },
              })
            }
          />
        </div>
      </Panel>
      {data.corrected.length ? (
        <Panel title={t('sharing.corrected')}>
          <p className="small quiet">{t('sharing.corrected-note')}</p>
          <ul className="stack-s" style={{ listStyle: 'none', padding: 0 }}>
            {data.corrected.map((c) => (
              <li key={`${c.correction} ${c.delivery} ${c.at}`} className="note warn">
                {t('sharing.corrected-line', { delivery: c.delivery, record: c.record ?? '—', item: say(c.itemTitle) })}{' '}
                <span className="small quiet num">{instant(c.at)}</span>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
      <Deliveries data={data} />
      <Target data={data} />
      <Panel title={t('sharing.content')}>
        <div className="stack-s">
          <Facts>
            <Fact label={t('sharing.period')}>
              {day(data.since)} – {day(data.until)}
            </Fact>
            <Fact label={t('sharing.mode-title')}>
              {t(`sharing.mode.${data.mode}`)} · {t(`sharing.frequency.${data.frequency}`)}
            </Fact>
            {data.nextDelivery ? <Fact label={t('sharing.next-delivery')}>{day(data.nextDelivery)}</Fact> : null}
            {data.filter.length ? (
              <Fact label={t('sharing.filter')} wide>
                {data.filter.map((f) => `${f.item} ${t(`sharing.op.${f.is}`)} ${f.values.join('、')}`).join('；')}
              </Fact>
            ) : null}
          </Facts>
          <DataTable
            caption={t('sharing.items')}
            rows={data.items}
            rowKey={(row) => row.name}
            columns={[
              {
                key: 'title',
                title: `${t('sharing.items')} ${full(data.items.length)}`,
                head: true,
                render: (row) => say(row.title),
              },
              { key: 'name', title: t('sharing.item'), render: (row) => <code>{row.name}</code> },
              { key: 'protection', title: '', tight: true, render: (row) => <Protection of={row.protection} /> },
              {
                key: 'shown',
                title: t('sharing.shown'),
                tight: true,
                render: (row) => (
                  <Label tone={row.shown === 'masked' ? 'warn' : undefined}>{t(`sharing.${row.shown}`)}</Label>
                ),
              },
            ]}
          />
        </div>
      </Panel>
      <Uses data={data} />
      <Panel title={t('sharing.timeline')}>
        <Timeline steps={data.timeline} />
      </Panel>
    </div>
  );
}

const kinds = ['scene', 'process', 'result', 'storage', 'destruction'] as const;

/** Records of use, and for the recipient the way to add one. */
function Uses({ data }: { data: ShareDetail }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [kind, setKind] = useState<(typeof kinds)[number]>('process');
  const [date, setDate] = useState(dayjs().format('YYYY-MM-DD'));
  const [text, setText] = useState('');
  const add = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sharing/shares/{id}/uses', {
        params: { id: data.id },
        body: { kind, day: date, text: text.trim() },
      }),
    onSuccess: () => {
      setText('');
      message.success(t('sharing.done'));
      return client.invalidateQueries({ queryKey: ['sharing', 'share'] });
    },
  });
  return (
    <Panel title={t('sharing.uses')}>
      <div className="stack-s">
        <p className="small quiet">{t('sharing.uses-note', { n: data.retentionYears })}</p>
        {data.uses.length ? (
          <ul className="stack-s" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
            {data.uses.map((u) => (
              <li key={u.seq} className="note">
                <p className="row spread">
                  <Label>{t(`sharing.use-kind.${u.kind}`)}</Label>
                  <span className="small quiet num">
                    {day(u.day)} · {u.login}
                  </span>
                </p>
                <p>{u.text}</p>
              </li>
            ))}
          </ul>
        ) : (
          <p className="small quiet">{t('sharing.uses-empty')}</p>
        )}
        {data.mayReceive ? (
          <div className="stack-s">
            <div className="row" style={{ flexWrap: 'wrap' }}>
              <Select
                aria-label={t('sharing.uses')}
                style={{ minWidth: 140 }}
                value={kind}
                onChange={setKind}
                options={kinds.map((value) => ({ value, label: t(`sharing.use-kind.${value}`) }))}
              />
              <DatePicker
                aria-label={t('sharing.use-day')}
                value={dayjs(date)}
                allowClear={false}
                onChange={(next) => next && setDate(next.format('YYYY-MM-DD'))}
              />
            </div>
            <label htmlFor={id}>{t('sharing.use-text')}</label>
            <Input.TextArea
              id={id}
              rows={2}
              maxLength={2000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            {add.isError ? <Failure error={add.error} /> : null}
            <div>
              <Button loading={add.isPending} disabled={text.trim().length < 4} onClick={() => add.mutate()}>
                {t('sharing.use-add')}
              </Button>
            </div>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}
