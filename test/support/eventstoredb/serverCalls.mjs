// What a client asks of the server itself: its features, and the members of its cluster.
import { features, gossip, ServerFeaturesService, shared, StreamsService } from './protocol.mjs';

export const VERSION = '23.10.6';

export function getSupportedMethods(_call, done) {
  const methods = [...Object.values(StreamsService), ...Object.values(ServerFeaturesService)].map(({ path }) => {
    const [, service, method] = path.toLowerCase().split('/');
    return new features.SupportedMethod().setServiceName(service).setMethodName(method);
  });
  done(null, new features.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(VERSION));
}

/** A cluster of one. */
export const gossipRead = (endpoint) => (_call, done) => {
  const { host, port } = endpoint();
  const member = new gossip.MemberInfo()
    .setInstanceId(new shared.UUID().setString('00000000-0000-4000-8000-000000000000'))
    .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
    .setState(gossip.MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
  done(null, new gossip.ClusterInfo().setMembersList([member]));
};
