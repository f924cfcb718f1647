/** 两条记录比较: why two records of a library are one, or are not, or are never compared. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Sides, signed, small, useRules, Waterfall } from './shared.tsx';

export default function Explain() {
  const { t } = useSpeech();
  const { library } = useParams({ strict: false }) as { library: string };
  const url = useUrlState();
  const [left, setLeft] = useState(url.get('left'));
  const [right, setRight] = useState(url.get('right'));
  const ruleOf = useRules();
  const valid = (record: string) => /^(entity:\d{1,10}|row:\d{1,3}:-?\d{1,19})$/.test(record);
  const asked = valid(url.get('left')) && valid(url.get('right'));
  const query = useQuery({
    queryKey: ['linkage', library, 'explain', url.get('left'), url.get('right')],
    queryFn: ({ signal }) =>
      api.get('/api/v1/linkage/{library}/explain', {
        params: { library },
        query: { left: url.get('left'), right: url.get('right') },
        signal,
      }),
    enabled: asked,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid(left) && valid(right)) url.set({ left, right });
  };
  return (
    <Page
      title={t('titles.explain')}
      lead={t('linkage.explain-lead')}
      back={{ to: '/linkage', label: t('titles.linkage') }}
    >
      <div className="stack">
        <PurposeNote />
        <form className="panel panel-body row wrap" onSubmit={submit}>
          <Picker label={t('linkage.record-a')} value={left} onChange={setLeft} />
          <Picker label={t('linkage.record-b')} value={right} onChange={setRight} />
          <Button type="primary" htmlType="submit" disabled={!valid(left) || !valid(right)}>
            {t('linkage.compare')}
          </Button>
        </form>
        {asked ? (
          <Loaded query={query}>
            {(data) => (
              <div className="stack">
                <Panel
                  title={t('linkage.outcome')}
                  extra={
                    <Label tone={data.outcome === 'link' ? 'good' : data.outcome === 'review' ? 'warn' : undefined}>
                      {t(`linkage.outcomes.${data.outcome}`)}
                    </Label>
                  }
                >
                  <div className="stack-s">
                    <Facts>
                      <Fact label={t('linkage.weight')}>
                        <b className="num">{t('linkage.bits', { n: signed(data.bits) })}</b>
                      </Fact>
                      <Fact label={t('linkage.probability')}>
                        <span className="num">{small(data.probability)}</span>
                      </Fact>
                      <Fact label={t('linkage.version')}>
                        <span className="num">{data.version}</span>
                      </Fact>
                      <Fact label={t('linkage.thresholds')}>
                        <span>
                          {t('linkage.thresholds-are', {
                            link: data.thresholds.link,
                            lead: data.thresholds.lead,
                            review: data.thresholds.review,
                          })}
                        </span>
                      </Fact>
                    </Facts>
                    <Sides columns={data.columns} left={t('linkage.record-a')} right={t('linkage.record-b')} />
                  </div>
                </Panel>
                <Panel title={t('linkage.why')}>
                  <Waterfall bars={data.bars} />
                </Panel>
                <Panel title={t('linkage.blocking-pair')} flush>
                  <DataTable
                    caption={t('linkage.blocking-pair')}
                    rows={data.blocking}
                    rowKey={(b) => b.rule}
                    columns={[
                      {
                        key: 'rule',
                        title: t('linkage.rule'),
                        head: true,
                        render: (b) => ruleOf(b.rule, new Map(data.columns.map((c) => [c.column, c.title]))),
                      },
                      {
                        key: 'shared',
                        title: t('linkage.shared'),
                        render: (b) => (
                          <Label tone={b.shared ? 'good' : undefined}>{t(`linkage.blocked.${b.reason}`)}</Label>
                        ),
                      },
                    ]}
                  />
                </Panel>
              </div>
            )}
          </Loaded>
        ) : (
          <p className="quiet small">{t('linkage.explain-hint')}</p>
        )}
      </div>
    </Page>
  );
}

/** A record: an entity by its number, or a row by source and fact. */
function Picker({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const { t } = useSpeech();
  const [kind, rest] = value.startsWith('row:') ? ['row', value.slice(4)] : ['entity', value.replace(/^entity:/, '')];
  return (
    <span className="row" style={{ gap: 6 }}>
      <span className="small">{label}</span>
      <Select
        value={kind}
        aria-label={`${label} ${t('linkage.kind')}`}
        style={{ width: 110 }}
        options={['entity', 'row'].map((k) => ({ value: k, label: t(`linkage.kinds.${k}`) }))}
        onChange={(k) => onChange(`${k}:`)}
      />
      <Input
        value={rest}
        aria-label={label}
        placeholder={t(`linkage.kind-hint.${kind}`)}
        style={{ width: 190 }}
        onChange={(event) => onChange(`${kind}:${event.target.value.trim()}`)}
      />
    </span>
  );
}
