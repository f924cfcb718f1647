/** Corrections: what lists and libraries disagree on, asked of the departments whose sources say it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Drawer, Input, Radio } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Cell } from '../credit/cell.tsx';

type Item = Answer<'/api/v1/libraries/corrections'>['items'][number];
const states = ['open', 'source-wrong', 'list-wrong', 'settled'] as const;
const tones = { open: 'warn', 'source-wrong': 'info', 'list-wrong': 'info', settled: 'good' } as const;
const size = 50;

/** How a correction stands. */
/** The due day; where it cannot be said, the year that it waits for. */
function Due({ of }: { of: Pick<Item, 'due' | 'missingYear' | 'overdue'> }) {
  const { t } = useSpeech();
  if (of.due === null) return <span className="small quiet">{t('correct.waits', { year: of.missingYear })}</span>;
  return <span className={of.overdue ? 'bad-text' : undefined}>{day(of.due)}</span>;
}

/** Of a record or a delivery there is no list that could be wrong: its source is right. */
const wordOf = (item: Pick<Item, 'verification' | 'list'>, state: Item['state']) =>
  state === 'list-wrong' && item.verification === null && item.list === null ? 'source-right' : state;

function CorrectionState({ item }: { item: Pick<Item, 'state' | 'overdue' | 'verification' | 'list'> }) {
  const { t } = useSpeech();
  return (
    <span className="row" style={{ gap: 6 }}>
      <Label tone={item.overdue ? 'bad' : tones[item.state]}>{t(`correct.state.${wordOf(item, item.state)}`)}</Label>
    </span>
  );
}

export default function Corrections() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { me } = useSession();
  const page = url.number('page', 1);
  const query = {
    which: url.get('which') || 'all',
    state: url.get('state') || undefined,
    owner: url.get('owner') || undefined,
    source: url.get('source') || undefined,
    field: url.get('field') || undefined,
    overdue: url.get('overdue') || undefined,
    page,
    size,
  };
  const all = useQuery({
    queryKey: ['corrections', query],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/corrections', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const counts = useQuery({
    queryKey: ['corrections', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/corrections/summary', { signal }),
  });
  const choices = (of: { value: string; title: { zh: string; en: string }; count: number }[] | undefined) =>
    (of ?? []).map((f) => ({ value: f.value, label: `${say(f.title)} ${full(f.count)}` }));
  return (
    <Page title={t('titles.corrections')} lead={t('correct.lead')}>
      <div className="stack">
        {counts.data ? (
          <Figures>
            <Figure label={t('correct.state.open')}>{full(counts.data.open)}</Figure>
            <Figure label={t('correct.overdue')} {...(counts.data.overdue ? { tone: 'bad' as const } : {})}>
              {full(counts.data.overdue)}
            </Figure>
            <Figure label={t('correct.answered')} note={t('correct.answered-note')}>
              {full(counts.data.answered)}
            </Figure>
            <Figure label={t('correct.state.settled')}>{full(counts.data.settled)}</Figure>
          </Figures>
        ) : null}
        <Panel title={t('correct.list')}>
          <div className="stack-s">
            <Filters keys={['which', 'state', 'owner', 'source', 'field', 'overdue']}>
              {me.user.organisation ? (
                <ChoiceFilter
                  name="which"
                  label={t('correct.which.label')}
                  otherwise="all"
                  choices={(['all', 'mine', 'raised'] as const).map((value) => ({
                    value,
                    label: t(`correct.which.${value}`),
                  }))}
                />
              ) : null}
              <ChoiceFilter
                name="state"
                label={t('correct.state-title')}
                choices={states.map((value) => ({ value, label: t(`correct.state.${value}`) }))}
              />
              <ChoiceFilter name="owner" label={t('correct.owner')} choices={choices(all.data?.owners)} />
              <ChoiceFilter name="source" label={t('correct.source')} choices={choices(all.data?.sources)} />
              <ChoiceFilter name="field" label={t('correct.field')} choices={choices(all.data?.fields)} />
              <ChoiceFilter
                name="overdue"
                label={t('correct.overdue-is')}
                choices={[{ value: 'true', label: t('correct.overdue') }]}
              />
            </Filters>
            <Loaded query={all}>
              {(answer) => (
                <>
                  <DataTable
                    caption={t('correct.list')}
                    rows={answer.items}
                    rowKey={(row) => row.id}
                    empty={<Empty title={t('correct.empty')}>{t('correct.empty-text')}</Empty>}
                    columns={[
                      {
                        key: 'id',
                        title: t('correct.id'),
                        head: true,
                        tight: true,
                        render: (row) => (
                          <button
                            type="button"
                            className="link-button num"
                            onClick={() => url.set({ correction: String(row.id) })}
                          >
                            #{row.id}
                          </button>
                        ),
                      },
                      { key: 'name', title: t('correct.name'), render: (row) => <Cell cell={row.name} /> },
                      {
                        key: 'field',
                        title: t('correct.field'),
                        render: (row) => (
                          <>
                            {say(row.fieldTitle)}
                            {row.outcomeTitle ? <p className="small quiet">{say(row.outcomeTitle)}</p> : null}
                          </>
                        ),
                      },
                      {
                        key: 'source',
                        title: t('correct.source'),
                        render: (row) => (
                          <>
                            {row.sourceTitle ? say(row.sourceTitle) : (row.source ?? '—')}
                            {row.ownerName ? <p className="small quiet">{say(row.ownerName)}</p> : null}
                          </>
                        ),
                      },
                      {
                        key: 'raised',
                        title: t('correct.raised'),
                        render: (row) => (row.raisedName ? say(row.raisedName) : row.raisedBy),
                      },
                      {
                        key: 'due',
                        title: t('correct.due'),
                        tight: true,
                        render: (row) => <Due of={row} />,
                      },
                      {
                        key: 'state',
                        title: t('correct.state-title'),
                        tight: true,
                        render: (row) => <CorrectionState item={row} />,
                      },
                    ]}
                  />
                  <Pager
                    offset={(page - 1) * size}
                    limit={size}
                    total={answer.total}
                    onOffset={(offset) => url.set({ page: offset ? offset / size + 1 : undefined })}
                  />
                </>
              )}
            </Loaded>
          </div>
        </Panel>
        {url.get('correction') ? (
          <CorrectionDrawer id={Number(url.get('correction'))} onClose={() => url.set({ correction: undefined })} />
        ) : null}
      </div>
    </Page>
  );
}

function CorrectionDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const { t, say } = useSpeech();
  const one = useQuery({
    queryKey: ['corrections', 'one', id],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/corrections/{id}', { params: { id }, signal }),
  });
  return (
    <Drawer open onClose={onClose} size="min(640px, 96vw)" title={t('correct.one', { id })}>
      <Loaded query={one}>
        {(data) => (
          <div className="stack">
            <Facts>
              <Fact label={t('correct.name')} wide>
                <Cell cell={data.name} />
              </Fact>
              <Fact label={t('correct.field')}>{say(data.fieldTitle)}</Fact>
              <Fact label={t('correct.outcome')}>{data.outcomeTitle ? say(data.outcomeTitle) : '—'}</Fact>
              <Fact label={t('correct.source')} wide>
                {data.sourceTitle ? say(data.sourceTitle) : (data.source ?? '—')}
              </Fact>
              <Fact label={t('correct.owner')}>{data.ownerName ? say(data.ownerName) : '—'}</Fact>
              <Fact label={t('correct.received')}>{data.received ? t('correct.received-at', data.received) : '—'}</Fact>
              <Fact label={t('correct.origin')} wide>
                {data.verification !== null ? (
                  t('correct.origin-row', { title: data.originTitle.zh, row: data.row })
                ) : data.delivery !== null ? (
                  say(data.originTitle)
                ) : data.library !== null ? (
                  <RecordLink item={data} />
                ) : (
                  <Link to="/lists/$list" params={{ list: data.list } as never}>
                    {data.list}
                  </Link>
                )}
              </Fact>
              <Fact label={t('correct.raised')}>{data.raisedName ? say(data.raisedName) : data.raisedBy}</Fact>
              <Fact label={t('correct.due')}>
                <Due of={data} />
              </Fact>
              <Fact label={t('correct.state-title')}>
                <span role="status">
                  <CorrectionState item={data} />
                </span>
              </Fact>
            </Facts>
            {data.next.length ? <Word key={data.at} item={data} /> : null}
            <section className="stack-s" aria-label={t('correct.history')}>
              <h3>{t('correct.history')}</h3>
              {data.entries.map((e) => (
                <div key={`${e.at} ${e.state}`} className="note">
                  <p className="strong">{t(`correct.state.${wordOf(data, e.state)}`)}</p>
                  {e.comment ? <p>{e.comment}</p> : null}
                  <p className="small quiet">
                    {e.by} · {instant(e.at)}
                  </p>
                </div>
              ))}
            </section>
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

/** The record on which it was asked. */
function RecordLink({ item }: { item: Item }) {
  const { say } = useSpeech();
  if (item.entity === null) return say(item.originTitle);
  return item.library === 'legal-person' ? (
    <Link to="/credit/enterprises/$entity" params={{ entity: String(item.entity) } as never}>
      {say(item.originTitle)}
    </Link>
  ) : (
    <Link to="/libraries/$library/$entity" params={{ library: item.library, entity: String(item.entity) } as never}>
      {say(item.originTitle)}
    </Link>
  );
}

/** The answer to a correction; it is not kept without a reason. */
function Word({ item }: { item: Item }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [chosen, setChosen] = useState(item.next[0]!);
  const [comment, setComment] = useState('');
  const save = useMutation({
    mutationFn: () =>
      api.put('/api/v1/libraries/corrections/{id}', {
        params: { id: item.id },
        body: { state: chosen, comment: comment.trim() },
      }),
    onSuccess: () => {
      message.success(t('correct.saved'));
      void client.invalidateQueries({ queryKey: ['corrections'] });
    },
  });
  return (
    <div className="stack-s">
      <Radio.Group
        aria-label={t('correct.answer')}
        value={chosen}
        onChange={(event) => setChosen(event.target.value as Item['state'])}
        options={item.next.map((value) => ({ value, label: t(`correct.say.${wordOf(item, value)}`) }))}
      />
      <label htmlFor={`${id}-c`}>{t('correct.comment')}</label>
      <Input.TextArea
        id={`${id}-c`}
        rows={3}
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      {save.isError ? <Failure error={save.error} /> : null}
      <div>
        <Button
          type="primary"
          disabled={comment.trim().length < 2}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t('correct.save')}
        </Button>
      </div>
    </div>
  );
}
