import com.azure.communication.common.CommunicationUserIdentifier;
import com.azure.communication.email.EmailClientBuilder;
import com.azure.communication.email.models.EmailAddress;
import com.azure.communication.email.models.EmailMessage;
import com.azure.communication.email.models.EmailSendResult;
import com.azure.communication.identity.CommunicationIdentityClient;
import com.azure.communication.identity.CommunicationIdentityClientBuilder;
import com.azure.communication.identity.models.CommunicationTokenScope;
import com.azure.communication.identity.models.CommunicationUserIdentifierAndToken;
import com.azure.communication.rooms.RoomsClient;
import com.azure.communication.rooms.RoomsClientBuilder;
import com.azure.communication.rooms.models.CommunicationRoom;
import com.azure.communication.rooms.models.CreateRoomOptions;
import com.azure.communication.rooms.models.ParticipantRole;
import com.azure.communication.rooms.models.RoomParticipant;
import com.azure.communication.rooms.models.UpdateRoomOptions;
import com.azure.communication.sms.SmsClient;
import com.azure.communication.sms.SmsClientBuilder;
import com.azure.communication.sms.models.SmsSendOptions;
import com.azure.communication.sms.models.SmsSendResult;
import com.azure.core.credential.AccessToken;
import com.azure.core.util.Context;
import com.azure.core.util.polling.SyncPoller;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Identities, rooms, texts and e-mail: what is asked with a connection string. */
final class Communication {
  private static final List<CommunicationTokenScope> CHAT = List.of(CommunicationTokenScope.CHAT);
  private final String string;
  private final String stranger;
  private final CommunicationIdentityClient people;

  Communication(String string, String stranger) {
    this.string = string;
    this.stranger = stranger;
    this.people = people(string);
  }

  static CommunicationIdentityClient people(String string) {
    return new CommunicationIdentityClientBuilder().connectionString(string).buildClient();
  }

  static String endpoint(String string) {
    return string.substring("endpoint=".length(), string.indexOf(";")).replaceAll("/$", "");
  }

  Map<String, Object> identity() throws Exception {
    CommunicationUserIdentifier user = people.createUser();
    AccessToken token =
        people.getToken(user, List.of(CommunicationTokenScope.CHAT, CommunicationTokenScope.VOIP), Duration.ofHours(1));
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("id", user.getId());
    seen.put("minutes", Math.round(Duration.between(OffsetDateTime.now(), token.getExpiresAt()).toSeconds() / 60.0));
    Talk.Person person = new Talk.Person(endpoint(string), user, token.getToken());
    seen.put("threads", person.chat().listChatThreads().stream().count());
    people.revokeTokens(user);
    seen.put("revoked", Walk.refused(() -> person.chat().listChatThreads().stream().count()));
    CommunicationUserIdentifierAndToken both = people.createUserAndToken(CHAT);
    seen.put("both", !both.getUserToken().getToken().isEmpty() && both.getUser().getId().startsWith("8:acs:"));
    seen.put("tooShort", Walk.refused(() -> people.getToken(user, CHAT, Duration.ofMinutes(5))));
    seen.put("foreign", Walk.refused(() -> people(stranger).getToken(user, CHAT)));
    people.deleteUser(user);
    seen.put("deleted", Walk.refused(() -> people.getToken(user, CHAT)));
    String forged = string.replaceAll("accesskey=.{10}", "accesskey=AAAAAAAAAA");
    seen.put("wrongKey", Walk.refused(() -> people(forged).createUser()));
    return seen;
  }

  Map<String, Object> rooms() throws Exception {
    RoomsClient client = new RoomsClientBuilder().connectionString(string).buildClient();
    CommunicationUserIdentifier ada = people.createUser();
    CommunicationUserIdentifier ben = people.createUser();
    CommunicationUserIdentifier cleo = people.createUser();
    OffsetDateTime from = OffsetDateTime.now().plusHours(1);
    CommunicationRoom made =
        client.createRoom(
            new CreateRoomOptions()
                .setValidFrom(from)
                .setValidUntil(from.plusHours(1))
                .setParticipants(
                    List.of(
                        new RoomParticipant(ada).setRole(ParticipantRole.PRESENTER), new RoomParticipant(ben))));
    String id = made.getRoomId();
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("id", id);
    seen.put("same", client.getRoom(id).getValidFrom().isEqual(made.getValidFrom()));
    CommunicationRoom updated = client.updateRoom(id, new UpdateRoomOptions().setValidUntil(from.plusHours(2)));
    seen.put("moved", Duration.between(made.getValidUntil(), updated.getValidUntil()).toSeconds());
    seen.put("kept", updated.getValidFrom().isEqual(made.getValidFrom()));
    client.addOrUpdateParticipants(
        id,
        List.of(
            new RoomParticipant(ben).setRole(ParticipantRole.CONSUMER),
            new RoomParticipant(cleo).setRole(ParticipantRole.ATTENDEE)));
    client.removeParticipants(id, List.of(ada));
    Map<String, Object> roles = new TreeMap<>();
    for (RoomParticipant one : client.listParticipants(id)) {
      String who = one.getCommunicationIdentifier().getRawId();
      roles.put(who.equals(ben.getId()) ? "ben" : who.equals(cleo.getId()) ? "cleo" : who, one.getRole().toString());
    }
    seen.put("roles", roles);
    seen.put("listed", client.listRooms().stream().anyMatch(one -> one.getRoomId().equals(id)));
    RoomsClient theirs = new RoomsClientBuilder().connectionString(stranger).buildClient();
    seen.put("foreign", Walk.refused(() -> theirs.getRoom(id)));
    client.deleteRoom(id);
    seen.put("deleted", Walk.refused(() -> client.getRoom(id)));
    return seen;
  }

  Map<String, Object> sms(String from) {
    SmsClient client = new SmsClientBuilder().connectionString(string).buildClient();
    SmsSendOptions options = new SmsSendOptions().setDeliveryReportEnabled(true).setTag("walk");
    List<String> to = List.of("+41445550101", "not a number");
    List<Map<String, Object>> results = new ArrayList<>();
    for (SmsSendResult one :
        client.sendWithResponse(from, to, "Your visit is at ten.", options, Context.NONE).getValue()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("to", one.getTo());
      result.put("successful", one.isSuccessful());
      result.put("status", one.getHttpStatusCode());
      result.put("named", one.getMessageId() != null);
      results.add(result);
    }
    SmsSendResult alone = client.send(from, to.get(0), "Your visit is at eleven.");
    return Map.of("results", results, "alone", alone.isSuccessful());
  }

  Map<String, Object> email() {
    EmailMessage message =
        new EmailMessage()
            .setSenderAddress("DoNotReply@clinic.example")
            .setSubject("By Java")
            .setBodyPlainText("They are in.")
            .setBodyHtml("<p>They are in.</p>")
            .setToRecipients(new EmailAddress("jo@example.org").setDisplayName("Jo"));
    SyncPoller<EmailSendResult, EmailSendResult> poller =
        new EmailClientBuilder().connectionString(string).buildClient().beginSend(message);
    String polled = poller.waitForCompletion(Duration.ofMinutes(2)).getStatus().toString();
    EmailSendResult done = poller.getFinalResult();
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("polled", polled);
    seen.put("status", done.getStatus().toString());
    seen.put("id", done.getId() != null && !done.getId().isEmpty());
    seen.put("error", done.getError() == null ? null : done.getError().getMessage());
    return seen;
  }
}
