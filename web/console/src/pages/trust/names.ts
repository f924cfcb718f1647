/** Names of who stands in a signature's chain of origin: public, since a certificate must tell everybody who asked. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';
import { signInQuery } from '../../session/session.tsx';

/** The organisations that may stand in an origin, and the identifier of the city. */
export const originsQuery = queryOptions({
  queryKey: ['trust', 'origins'],
  queryFn: ({ signal }) => api.get('/api/v1/trust/origins', { signal }),
  staleTime: 300_000,
});

/** Answers the name of an organisation, or of the city, by its identifier; else the identifier itself. */
export function useOriginNames(): (id: string) => string {
  const { say } = useSpeech();
  const city = useQuery(signInQuery).data?.city;
  const { data } = useQuery(originsQuery);
  return (id) => {
    const organisation = data?.items.find((one) => one.id === id);
    if (organisation) return say(organisation.name);
    return city && data?.city === id ? say(city) : id;
  };
}
