/** 未决记录: rows that belong to nobody yet, with their candidates and what speaks for each; decided here. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import { type Answer, ApiProblem, api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Cell } from '../credit/cell.tsx';
import { Sides, signed, Waterfall } from './shared.tsx';

type Open = Answer<'/api/v1/linkage/{library}/open'>;
type Item = Open['items'][number];
const size = 10;

export default function OpenRows() {
  const { t, say } = useSpeech();
  const { library } = useParams({ strict: false }) as { library: string };
  const url = useUrlState();
  const page = url.number('page', 1);
  const query = {
    state: (url.get('state') || 'open') as 'open' | 'linked' | 'decided',
    ...(url.get('reason') ? { reason: url.get('reason') } : {}),
    ...(url.get('source') ? { source: Number(url.get('source')) } : {}),
    page,
    size,
  };
  const rows = useQuery({
    queryKey: ['linkage', library, 'open', query],
    queryFn: ({ signal }) => api.get('/api/v1/linkage/{library}/open', { params: { library }, query, signal }),
    placeholderData: keepPreviousData,
  });
  const data = rows.data;
  return (
    <Page
      title={t('titles.open-rows')}
      lead={t('linkage.open-lead')}
      back={{ to: '/linkage', label: t('titles.linkage') }}
    >
      <div className="stack">
        <PurposeNote />
        <Filters keys={['state', 'reason', 'source']}>
          <ChoiceFilter
            name="state"
            label={t('exchange.state')}
            otherwise="open"
            width={140}
            choices={['open', 'linked', 'decided'].map((value) => ({ value, label: t(`linkage.state.${value}`) }))}
          />
          <ChoiceFilter
            name="reason"
            label={t('linkage.reason-title')}
            width={220}
            choices={(data?.reasons ?? []).map((r) => ({
              value: r.reason,
              label: `${t(`linkage.reason.${r.reason}`, { defaultValue: r.reason })} (${full(r.rows)})`,
            }))}
          />
          <ChoiceFilter
            name="source"
            label={t('base.source')}
            width={220}
            choices={(data?.sources ?? []).map((s) => ({
              value: String(s.source),
              label: `${say(s.title)}${s.mention ? ` ${say(s.mention)}` : ''} (${full(s.rows)})`,
            }))}
          />
        </Filters>
        <Loaded query={rows}>
          {(answer) =>
            answer.items.length === 0 ? (
              <div className="panel">
                <Empty title={t('linkage.nothing-open')}>{t('linkage.nothing-open-text')}</Empty>
              </div>
            ) : (
              <div className="stack">
                {answer.items.map((item) => (
                  <One key={`${item.source} ${item.fact}`} library={library} item={item} />
                ))}
                <Pager
                  offset={(page - 1) * size}
                  limit={size}
                  total={answer.total}
                  onOffset={(offset) => url.set({ page: offset ? offset / size + 1 : undefined })}
                />
              </div>
            )
          }
        </Loaded>
      </div>
    </Page>
  );
}

function One({ library, item }: { library: string; item: Item }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const [number, setNumber] = useState('');
  const [override, setOverride] = useState(false);
  const decide = useMutation({
    mutationFn: (body: { decision: 'link' | 'none'; entity?: number }) =>
      api.post('/api/v1/linkage/{library}/rows/{source}/{fact}/decision', {
        params: { library, source: item.source, fact: item.fact },
        body: { ...body, override, ...(comment.trim() ? { comment: comment.trim() } : {}) },
      }),
    onSuccess: async () => {
      message.success(t('linkage.decision-done'));
      await client.invalidateQueries({ queryKey: ['linkage'] });
    },
  });
  const contradicted =
    decide.error instanceof ApiProblem && decide.error.body.code === 'libraries.linkage.contradiction';
  const entityLink = (entity: number) => (
    <Link to="/libraries/$library/$entity" params={{ library, entity: String(entity) } as never}>
      {t('linkage.entity', { n: entity })}
    </Link>
  );
  return (
    <Panel
      title={
        <span>
          {say(item.title)} <span className="quiet">{t('linkage.row-at', { run: item.run, row: item.row })}</span>
        </span>
      }
      extra={
        <>
          <Label tone={item.reason === 'model' || item.reason === 'decided' ? 'good' : 'warn'}>
            {t(`linkage.reason.${item.reason}`, { defaultValue: item.reason })}
          </Label>
          {item.over ? <Label>{t('linkage.over')}</Label> : null}
          {item.entity === null ? null : entityLink(item.entity)}
        </>
      }
    >
      <div className="stack-s">
        <dl className="linkage-said">
          {item.said.map((s) => (
            <div key={s.column}>
              <dt>{say(s.title)}</dt>
              <dd>
                <Cell cell={s.value} />
              </dd>
            </div>
          ))}
        </dl>
        {item.candidates.length === 0 ? <p className="quiet small">{t('linkage.no-candidates')}</p> : null}
        {item.candidates.map((c) => (
          <details key={c.entity} className="linkage-candidate">
            <summary>
              <span>
                <Cell cell={c.label} /> <span className="quiet small">{t('linkage.entity', { n: c.entity })}</span>
              </span>
              <span className="row" style={{ gap: 8 }}>
                <Label tone={c.state === 'linked' ? 'good' : c.state === 'review' ? 'warn' : undefined}>
                  {t(`linkage.pair-state.${c.state}`)}
                </Label>
                <span className="num">{c.bits === null ? '' : t('linkage.bits', { n: signed(c.bits) })}</span>
              </span>
            </summary>
            <div className="stack-s">
              {c.columns.length > 0 ? (
                <>
                  <Sides columns={c.columns} left={t('linkage.row')} right={t('linkage.register-row')} />
                  <Waterfall bars={c.bars} />
                </>
              ) : null}
              <div className="row">
                <Button
                  size="small"
                  type="primary"
                  loading={decide.isPending}
                  onClick={() => decide.mutate({ decision: 'link', entity: c.entity })}
                >
                  {t('linkage.it-is')}
                </Button>
                {entityLink(c.entity)}
              </div>
            </div>
          </details>
        ))}
        {item.decision ? (
          <p className="note good small">
            {t(`linkage.decision.${item.decision.decision}`)}
            {item.decision.entity === null ? '' : ` ${t('linkage.entity', { n: item.decision.entity })}`} ·{' '}
            {item.decision.by} · <Instant at={item.decision.at} />{' '}
            {item.decision.comment ? `· ${item.decision.comment}` : ''}
          </p>
        ) : null}
        {decide.isError ? <Failure error={decide.error} /> : null}
        {contradicted ? (
          <Checkbox checked={override} onChange={(event) => setOverride(event.target.checked)}>
            {t('linkage.override')}
          </Checkbox>
        ) : null}
        <div className="row wrap">
          <Input
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            maxLength={500}
            placeholder={t('linkage.comment')}
            aria-label={t('linkage.comment')}
            style={{ maxWidth: 300 }}
          />
          <Input
            value={number}
            onChange={(event) => setNumber(event.target.value.replace(/\D/g, ''))}
            inputMode="numeric"
            placeholder={t('linkage.entity-number')}
            aria-label={t('linkage.entity-number')}
            style={{ maxWidth: 140 }}
          />
          <Button
            disabled={!number}
            loading={decide.isPending}
            onClick={() => decide.mutate({ decision: 'link', entity: Number(number) })}
          >
            {t('linkage.link-to')}
          </Button>
          <Button loading={decide.isPending} onClick={() => decide.mutate({ decision: 'none' })}>
            {t('linkage.nobody')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
