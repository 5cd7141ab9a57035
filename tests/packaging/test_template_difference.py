"""The comparison of two templates sees what would be deployed otherwise, and nothing else."""

from pathlib import Path

import pytest

from tests.packaging.template_difference import differences

OLD = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
  ReadFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: read/
      Runtime: python3.13
      Handler: app.lambda_handler
      MemorySize: 512
      Timeout: 29
      Environment: {Variables: {TABLE: !Ref Table}}
      Role: !GetAtt ReadRole.Arn
      LoggingConfig: {LogFormat: JSON, LogGroup: !Ref ReadLogs}
      Events:
        Route: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /things}}
        Other: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/things/{id}"}}
  ReadRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: WriteOwnLogs
                Effect: Allow
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource: !GetAtt ReadLogs.Arn
              - Sid: ReadAndCount
                Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:UpdateItem]
                Resource: !GetAtt Table.Arn
                Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["count#*", "thing#*"]}}
  ReadLogs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /read, RetentionInDays: 30}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
"""

# The same, with defaults, one log group, an anchor, a managed policy, other Sids and another order.
NEW = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Handler: app.lambda_handler
    MemorySize: 512
    Timeout: 29
    Environment: {Variables: {TABLE: !Ref Table}}
    LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Logs}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /all, RetentionInDays: 30}}
  EveryFunctionPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: WriteLogs
            Effect: Allow
            Action: [logs:PutLogEvents, logs:CreateLogStream]
            Resource: !GetAtt Logs.Arn
  ReadFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: read/
      Role: !GetAtt ReadRole.Arn
      Events:
        Route: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /things}}
        Other: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/things/{id}"}}
  ReadRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [!Ref EveryFunctionPolicy]
      Policies:
        - PolicyName: needs
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: Count
                Effect: Allow
                Action: dynamodb:UpdateItem
                Resource: &Table [!GetAtt Table.Arn]
                Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["thing#*", "count#*"]}}
              - Sid: Read
                Effect: Allow
                Action: dynamodb:GetItem
                Resource: *Table
                Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["count#*", "thing#*"]}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
"""

CHANGES = {
    "a dropped action": ("[logs:PutLogEvents, logs:CreateLogStream]", "logs:PutLogEvents", "may no longer logs:Create"),
    "an added action": (
        "Action: dynamodb:GetItem",
        "Action: [dynamodb:GetItem, dynamodb:Scan]",
        "may now dynamodb:Scan",
    ),
    "a widened resource": ("&Table [!GetAtt Table.Arn]", '&Table "*"', "may now dynamodb:GetItem on *"),
    "a log group of another": ("Resource: !GetAtt Logs.Arn", 'Resource: "*"', "may now logs:PutLogEvents on *"),
    "a widened condition": ('["thing#*", "count#*"]', '["*", "thing#*", "count#*"]', "may now dynamodb:UpdateItem on"),
    "a policy taken in": (
        "[!Ref EveryFunctionPolicy]",
        "[!Ref EveryFunctionPolicy, arn:aws:iam::aws:policy/ReadOnlyAccess]",
        "may now do what arn:aws:iam::aws:policy/ReadOnlyAccess says",
    ),
    "another who may take the role": (
        "lambda.amazonaws.com",
        "ec2.amazonaws.com",
        "ReadFunction differs in Properties.Role",
    ),
    "a missing route": (
        '        Other: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/things/{id}"}}\n',
        "",
        "route GET /things/{id} of Api is missing",
    ),
    "another memory size": (
        "MemorySize: 512",
        "MemorySize: 256",
        "differs in Properties.MemorySize: 512 before, 256 now",
    ),
    "another environment": ("TABLE: !Ref Table", "TABLE: other", "differs in Properties.Environment.Variables.TABLE"),
    "another log format": ("LogFormat: JSON", "LogFormat: Text", "differs in Properties.LoggingConfig.LogFormat"),
    "another billing": ("BillingMode: PAY_PER_REQUEST", "BillingMode: PROVISIONED", "resource Table differs in"),
    "a missing function": ("  ReadFunction:\n", "  OtherFunction:\n", "function ReadFunction is missing"),
}


def difference(tmp_path: Path, old: str, new: str) -> list[str]:
    (tmp_path / "old.yaml").write_text(old)
    (tmp_path / "new.yaml").write_text(new)
    return differences(tmp_path / "old.yaml", tmp_path / "new.yaml")


def test_how_a_template_is_written_makes_no_difference(tmp_path: Path) -> None:
    assert difference(tmp_path, OLD, NEW) == []


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_finds(change: str, tmp_path: Path) -> None:
    before, after, said = CHANGES[change]
    assert before in NEW

    assert said in "\n".join(difference(tmp_path, OLD, NEW.replace(before, after)))


def test_a_statement_that_the_comparison_does_not_understand_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="NotResource"):
        difference(tmp_path, OLD, NEW.replace("Resource: !GetAtt Logs.Arn", "NotResource: !GetAtt Logs.Arn"))
