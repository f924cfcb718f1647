/** Last step: everything that is missing at once, then a draft is kept or submitted. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { api } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import type { Content, Entry } from './wizard-content.ts';

export function Check({
  entry,
  content,
  request,
}: {
  entry: Entry;
  content: Content;
  request: { id: number; version: number } | null;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const check = useQuery({
    queryKey: ['sharing', 'check', entry.id, content],
    queryFn: ({ signal: _ }) => api.post('/api/v1/sharing/requests/check', { body: { entry: entry.id, content } }),
  });
  const keep = useMutation({
    mutationFn: async (submit: boolean) => {
      const id = request
        ? (
            await api.put('/api/v1/sharing/requests/{id}', {
              params: { id: request.id },
              body: { content, version: request.version },
            })
          ).id
        : (await api.post('/api/v1/sharing/requests', { body: { entry: entry.id, content } })).id;
      if (submit) {
        const now = await api.get('/api/v1/sharing/requests/{id}', { params: { id } });
        // A draft goes to the own head; what was supplemented goes back to the provider.
        const action = now.state === 'supplement' ? 'resubmit' : 'propose';
        await api.post('/api/v1/sharing/requests/{id}/steps', {
          params: { id },
          body: { action, version: now.version },
        });
      }
      return id;
    },
    onSuccess: async (id, submit) => {
      message.success(t(submit ? 'sharing.done' : 'sharing.wizard.saved'));
      await client.invalidateQueries({ queryKey: ['sharing'] });
      void navigate({ to: '/sharing/requests/$request', params: { request: String(id) } as never });
    },
  });
  return (
    <Panel title={t('sharing.wizard.check')}>
      <Loaded query={check}>
        {({ missing }) => (
          <div className="stack-s">
            {missing.length ? (
              <div className="note warn">
                <p className="strong">{t('sharing.wizard.lacking', { n: missing.length })}</p>
                <ul style={{ listStyle: 'disc', paddingInlineStart: 18 }}>
                  {missing.map((m) => (
                    <li key={`${m.code} ${m.field} ${m.title.zh}`}>{say(m.title)}</li>
                  ))}
                </ul>
              </div>
            ) : (
              <p className="note">{t('sharing.wizard.whole')}</p>
            )}
            {keep.isError ? <Failure error={keep.error} /> : null}
            <div className="row">
              <Button loading={keep.isPending} onClick={() => keep.mutate(false)}>
                {t('sharing.wizard.save')}
              </Button>
              <Button
                type="primary"
                loading={keep.isPending}
                disabled={missing.length > 0}
                onClick={() => keep.mutate(true)}
              >
                {t('sharing.wizard.submit')}
              </Button>
            </div>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
