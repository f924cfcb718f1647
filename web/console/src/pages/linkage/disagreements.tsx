/** 复核分歧: what two reviewers judged differently, settled by a steward who judged neither. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Sides, Waterfall } from './shared.tsx';

type Item = Answer<'/api/v1/linkage/{library}/disagreements'>['items'][number];

export default function Disagreements() {
  const { t } = useSpeech();
  const { library } = useParams({ strict: false }) as { library: string };
  const query = useQuery({
    queryKey: ['linkage', library, 'disagreements'],
    queryFn: ({ signal }) => api.get('/api/v1/linkage/{library}/disagreements', { params: { library }, signal }),
  });
  return (
    <Page
      title={t('titles.disagreements')}
      lead={t('linkage.disagreements-lead')}
      back={{ to: '/linkage', label: t('titles.linkage') }}
    >
      <div className="stack">
        <PurposeNote />
        <Loaded query={query}>
          {(data) => (
            <div className="stack">
              <Panel title={t('linkage.agreement-title')}>
                <Facts>
                  <Fact label={t('linkage.kappa')}>
                    <b className="num">{data.kappa === null ? '—' : data.kappa.toFixed(3)}</b>
                  </Fact>
                  <Fact label={t('linkage.doubled')}>
                    <span className="num">{full(data.doubled)}</span>
                  </Fact>
                </Facts>
                <p className="small quiet">{t('linkage.kappa-note')}</p>
              </Panel>
              {data.items.length === 0 ? (
                <div className="panel">
                  <Empty title={t('linkage.no-disagreement')}>{t('linkage.no-disagreement-text')}</Empty>
                </div>
              ) : null}
              {data.items.map((item) => (
                <One key={item.pair} library={library} item={item} />
              ))}
            </div>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function One({ library, item }: { library: string; item: Item }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const settle = useMutation({
    mutationFn: (verdict: 'same' | 'different') =>
      api.post('/api/v1/linkage/{library}/pairs/{pair}/settle', {
        params: { library, pair: item.pair },
        body: { verdict, ...(comment.trim() ? { comment: comment.trim() } : {}) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['linkage'] }),
  });
  return (
    <Panel
      title={t(`linkage.dispute.${item.state}`)}
      extra={item.verdicts.map((v) => (
        <span key={`${v.by} ${v.at}`} className="row" style={{ gap: 6 }}>
          {v.by} <Label tone={v.verdict === 'same' ? 'good' : 'warn'}>{t(`linkage.verdict.${v.verdict}`)}</Label>{' '}
          <span className="quiet">
            <Instant at={v.at} />
          </span>
        </span>
      ))}
    >
      <div className="stack-s">
        <Sides columns={item.columns} left={t('linkage.row')} right={t('linkage.register-row')} />
        <details>
          <summary>{t('linkage.why')}</summary>
          <Waterfall bars={item.bars} />
        </details>
        {settle.isError ? <Failure error={settle.error} /> : null}
        <div className="row wrap">
          <Input
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            maxLength={500}
            placeholder={t('linkage.comment')}
            aria-label={t('linkage.comment')}
            style={{ maxWidth: 360 }}
          />
          <Button type="primary" loading={settle.isPending} onClick={() => settle.mutate('same')}>
            {t('linkage.verdict.same')}
          </Button>
          <Button loading={settle.isPending} onClick={() => settle.mutate('different')}>
            {t('linkage.verdict.different')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
