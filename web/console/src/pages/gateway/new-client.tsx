/** A new client of one's own department. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { ClientForm, emptyClient, keysOf } from './client-form.tsx';
import { SecretOnce } from './secret.tsx';

export default function NewClient() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [made, setMade] = useState<{ id: string; secret: string | null } | null>(null);
  const open = (id: string) => navigate({ to: '/gateway/clients/$client', params: { client: id } as never });
  const make = useMutation({
    mutationFn: (draft: typeof emptyClient) =>
      api.post('/api/v1/gateway/clients', { body: { ...draft, keys: keysOf(draft.keys) ?? [] } as never }),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ['gateway', 'clients'] });
      if (answer.secret === null) void open(answer.id);
      else setMade(answer);
    },
  });
  return (
    <Page
      title={t('titles.gateway-new')}
      lead={t('gateway.new-lead')}
      back={{ to: '/gateway/clients', label: t('titles.gateway-clients') }}
    >
      <Panel title={t('gateway.client')}>
        <ClientForm
          initial={emptyClient}
          fresh
          saving={make.isPending}
          error={make.error}
          submit={t('gateway.form.make')}
          onSubmit={(draft) => make.mutate(draft)}
        />
      </Panel>
      <SecretOnce id={made?.id ?? ''} secret={made?.secret ?? null} onClose={() => made && void open(made.id)} />
    </Page>
  );
}
