/** Silences: what is kept quiet, by whom and until when. They are made here or on an alert's page, and ended here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { LevelMark } from './shared.tsx';
import { SilenceForm } from './silence-form.tsx';

export default function Silences() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const all = useQuery({
    queryKey: ['alerts', 'silences'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/silences', { signal }),
  });
  const end = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/alerts/silences/{id}/end', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['alerts'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  return (
    <Page
      title={t('titles.alert-silences')}
      lead={t('alerts.silence-lead')}
      actions={
        may('alert.handle') ? (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t('alerts.silence-new')}
          </Button>
        ) : null
      }
    >
      {making ? <SilenceForm onClose={() => setMaking(false)} /> : null}
      <Loaded query={all}>
        {({ silences }) => (
          <Panel title={t('titles.alert-silences')}>
            <DataTable
              caption={t('titles.alert-silences')}
              rows={silences}
              rowKey={(s) => s.id}
              empty={<Empty title={t('alerts.silence-empty')}>{t('alerts.silence-empty-text')}</Empty>}
              columns={[
                {
                  key: 'what',
                  title: t('alerts.what'),
                  head: true,
                  render: (s) => (
                    <div style={{ minInlineSize: 180, overflowWrap: 'anywhere' }}>
                      {[...s.rules, ...s.types].join('、') || t('alerts.area')}
                      <p className="small quiet">{s.entities.join('、')}</p>
                    </div>
                  ),
                },
                { key: 'reason', title: t('alerts.reason'), render: (s) => s.reason },
                { key: 'level', title: t('alerts.up-to'), tight: true, render: (s) => <LevelMark level={s.level} /> },
                {
                  key: 'until',
                  title: t('alerts.until'),
                  tight: true,
                  render: (s) => <Instant at={s.endedAt ?? s.until} />,
                },
                { key: 'who', title: t('alerts.who'), tight: true, render: (s) => s.madeBy },
                {
                  key: 'alerts',
                  title: t('alerts.quiet'),
                  align: 'end',
                  render: (s) => <Num value={s.alerts} exact />,
                },
                {
                  key: 'act',
                  title: t('alerts.act'),
                  tight: true,
                  render: (s) =>
                    s.holds && may('alert.handle') ? (
                      <Button
                        size="small"
                        loading={end.isPending && end.variables === s.id}
                        onClick={() => end.mutate(s.id)}
                      >
                        {t('alerts.silence-end')}
                      </Button>
                    ) : (
                      <Label tone={s.holds ? 'good' : undefined}>{t(s.holds ? 'alerts.holds' : 'alerts.over')}</Label>
                    ),
                },
              ]}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}
